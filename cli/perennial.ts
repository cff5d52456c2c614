import { Command, CommanderError } from 'commander';
import { addAlertsTest } from './commands/alerts-test.ts';
import { addDoctor } from './commands/doctor.ts';
import { addRenew } from './commands/renew.ts';
import { addStatus } from './commands/status.ts';
import { runIn, type Surroundings } from './run-command.ts';

const EPILOGUE = `
Ends with 0 where all is fine, 1 where something needs attention, 2 where the command is wrong or the account cannot be reached.`;

/** Runs one command line, without the program's name. Answers the exit code; never throws what a person can mend. */
export async function perennial(args: readonly string[], surroundings: Surroundings): Promise<number> {
  let exitCode = 0;
  const program = new Command('perennial')
    .description('Looks after the certificates that Perennial keeps alive in an AWS account.')
    .addHelpText('after', EPILOGUE)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void surroundings.stdout.write(text),
      writeErr: (text) => void surroundings.stderr.write(text),
    })
    .showHelpAfterError('perennial --help lists what there is.');
  const run = runIn(surroundings, (ended) => {
    exitCode = ended;
  });
  for (const add of [addStatus, addRenew, addDoctor, addAlertsTest]) add(program, run);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}
