import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_STACK_NAME } from '../infra/outputs.ts';
import { type AccountChoice, createClients, LOCAL_ENDPOINT } from './account/clients.ts';
import { unreachable } from './account/unreachable.ts';
import type { Desk } from './desk.ts';
import type { Outcome } from './outcome.ts';
import { toJson } from './output/json.ts';
import { paintFor } from './output/paint.ts';

/** What every command can be told. */
type CommonOptions = {
  readonly profile?: string;
  readonly region?: string;
  readonly stack: string;
  readonly local?: string | true;
  readonly json?: true;
};

/** What a command does, with its arguments and options of its own. Throws CliError, or what the account's clients throw. */
export type Work = (
  desk: Desk,
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
) => Promise<Outcome>;

/** Gives a command the common options and its work. */
export type RunCommand = (command: Command, work: Work) => void;

/** The process, as far as commands see it. */
export type Surroundings = {
  readonly stdout: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;
  readonly stderr: Pick<NodeJS.WriteStream, 'write'>;
  readonly env: NodeJS.ProcessEnv;
  /** What a desk has besides the account. */
  readonly parts: Pick<Desk, 'clock' | 'random' | 'newId'>;
  readonly clientsFor?: typeof createClients;
};

/** Commands that act in these surroundings; `onEnd` is told the exit code. */
export function runIn(surroundings: Surroundings, onEnd: (exitCode: number) => void): RunCommand {
  return (command, work) => {
    withCommonOptions(command).action(async () => {
      const options = command.opts<CommonOptions & Record<string, unknown>>();
      onEnd(await carryOut(surroundings, options, (desk) => work(desk, command.processedArgs, options)));
    });
  };
}

function withCommonOptions(command: Command): Command {
  return command
    .option('--stack <name>', 'name of the stack', DEFAULT_STACK_NAME)
    .option('--profile <name>', 'AWS profile; AWS_PROFILE and the usual chain otherwise')
    .option('--region <region>', 'AWS region; AWS_REGION or that of the profile otherwise')
    .option(
      '--local [url]',
      `the account that \`npm run local\` holds, at ${LOCAL_ENDPOINT} unless told otherwise`,
      url,
    )
    .option('--json', 'one line of JSON');
}

function url(value: string): string {
  if (URL.canParse(value) && /^https?:/.test(value)) return value;
  throw new InvalidArgumentError(`Write a URL, such as ${LOCAL_ENDPOINT}.`);
}

async function carryOut(
  { stdout, stderr, env, parts, clientsFor = createClients }: Surroundings,
  options: CommonOptions,
  work: (desk: Desk) => Promise<Outcome>,
): Promise<number> {
  const choice = choiceOf(options);
  const isJson = options.json === true;
  const tell = (line: string): void => void (isJson || stdout.write(`${line}\n`));
  try {
    const outcome = await work({ ...parts, clients: clientsFor(choice), stackName: options.stack, tell });
    const lines = isJson ? [toJson(outcome.data)] : outcome.lines(paintFor(stdout, env));
    stdout.write(lines.map((line) => `${line}\n`).join(''));
    return outcome.exitCode;
  } catch (error) {
    const { message } = unreachable(error, choice);
    if (isJson) stdout.write(`${JSON.stringify({ error: message })}\n`);
    stderr.write(`perennial: ${message}\n`);
    return 2;
  }
}

function choiceOf({ profile, region, local }: CommonOptions): AccountChoice {
  return {
    ...(profile !== undefined && { profile }),
    ...(region !== undefined && { region }),
    ...(local !== undefined && { local: local === true ? LOCAL_ENDPOINT : local }),
  };
}
