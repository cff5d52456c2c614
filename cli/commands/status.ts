import type { Command } from 'commander';
import type { AttemptRow } from '../../lambdas/core/attempt-rows.ts';
import { listAttempts } from '../../lambdas/store/attempts.ts';
import { findCertificate } from '../account/find-certificate.ts';
import type { Desk } from '../desk.ts';
import { openAccount } from '../desk.ts';
import { CliError } from '../errors.ts';
import type { Outcome } from '../outcome.ts';
import type { RunCommand } from '../run-command.ts';
import { attemptLines } from '../status/attempt-lines.ts';
import { readAllStatus, statusOf } from '../status/read-status.ts';
import { detailLines, overviewLines } from '../status/status-lines.ts';

/** Attempts that the status of one certificate tells. */
const ATTEMPTS = 5;

/** Adds `perennial status [certificate]`. */
export function addStatus(program: Command, run: RunCommand): void {
  run(
    program
      .command('status')
      .description('how all certificates stand, or everything about one')
      .argument('[certificate]', 'the name of one'),
    (desk, [certificate]) => (certificate === undefined ? statusOfAll(desk) : statusOfOne(desk, certificate)),
  );
}

/** How all declared certificates stand. Exit code 1 where one fails or has less than a sixth of its lifetime left. Reads only. */
export async function statusOfAll(desk: Desk): Promise<Outcome> {
  const { places, table } = await openAccount(desk);
  const now = desk.clock.now();
  const { certificates, unreadable } = await readAllStatus(table, now);
  return {
    exitCode: unreadable.length > 0 || certificates.some(({ needsAttention }) => needsAttention) ? 1 : 0,
    data: { stack: places.name, now, certificates, unreadable },
    lines: (paint) =>
      certificates.length + unreadable.length === 0
        ? ['No certificate is declared: put one into perennial.config.ts and deploy.']
        : [...overviewLines(certificates, paint, now), ...unreadable.map(unreadableLine)],
  };
}

function unreadableLine(name: string): string {
  return `${name}: rows are missing or of another version than this: deploy the stack again, or use the version that has.`;
}

/** How one certificate stands, with its last attempts, the newest first. Reads only. */
export async function statusOfOne(desk: Desk, name: string): Promise<Outcome> {
  const account = await openAccount(desk);
  const now = desk.clock.now();
  const found = await findCertificate(account, name);
  const [certificate, attempts] = await Promise.all([
    statusOf(account.table, found, now),
    listAttempts(account.table, name, ATTEMPTS),
  ]);
  if (certificate === undefined)
    throw new CliError(`certificate is "${name}": it has no role`, 'Deploy the stack again.');
  return {
    exitCode: certificate.needsAttention ? 1 : 0,
    data: { stack: account.places.name, now, certificate, attempts: attempts.map(toldOf) },
    lines: (paint) => [
      ...detailLines(certificate, paint, now),
      '',
      attempts.length === 0 ? 'no attempts yet' : 'last attempts',
      ...attempts.flatMap((attempt) => attemptLines(attempt, paint, now)),
    ],
  };
}

/** An attempt without what only the table needs. */
function toldOf({ attempt, startedAt, lastAt, outcome, execution, entries, dropped = 0 }: AttemptRow): object {
  return { attempt, startedAt, lastAt, outcome, execution, entries, dropped };
}
