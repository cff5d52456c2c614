import type { Command } from 'commander';
import { type Desk, openAccount } from '../desk.ts';
import { type Check, type Examine, examined } from '../doctor/check.ts';
import { lookAtAlarms } from '../doctor/look-at-alarms.ts';
import { lookAtDeadLetters } from '../doctor/look-at-dead-letters.ts';
import { lookAtDueRows } from '../doctor/look-at-due-rows.ts';
import { lookAtFindings } from '../doctor/look-at-findings.ts';
import { lookAtMachine } from '../doctor/look-at-machines.ts';
import { lookAtSchedule, lookAtWatchSchedule } from '../doctor/look-at-schedule.ts';
import { lookAtStack } from '../doctor/look-at-stack.ts';
import { lookAtSweeps } from '../doctor/look-at-sweeps.ts';
import { lookAtTable } from '../doctor/look-at-table.ts';
import { lookAtTopic } from '../doctor/look-at-topic.ts';
import { lookAtWatch } from '../doctor/look-at-watch.ts';
import { findPatterns } from '../fleet/find-patterns.ts';
import type { Pattern } from '../fleet/pattern.ts';
import { readFleet } from '../fleet/read-fleet.ts';
import type { Outcome } from '../outcome.ts';
import { columns } from '../output/columns.ts';
import type { Paint } from '../output/paint.ts';
import type { RunCommand } from '../run-command.ts';

const EXAMINATIONS: Readonly<Record<string, Examine>> = {
  stack: lookAtStack,
  table: lookAtTable,
  schedule: lookAtSchedule,
  sweeps: lookAtSweeps,
  'sweep machine': lookAtMachine('sweep'),
  'renewal machine': lookAtMachine('renewal'),
  'push machine': lookAtMachine('push'),
  'settle machine': lookAtMachine('settle'),
  'due rows': lookAtDueRows,
  'watch schedule': lookAtWatchSchedule,
  watch: lookAtWatch,
  findings: lookAtFindings,
  alarms: lookAtAlarms,
  alerts: lookAtTopic,
  'dead letters': lookAtDeadLetters,
};

/** Adds `perennial doctor`. */
export function addDoctor(program: Command, run: RunCommand): void {
  run(
    program
      .command('doctor')
      .description('whether everything is in order that renewals depend on')
      .option('--fleet', 'also look for patterns in what happened to all certificates', false),
    (desk, _args, { fleet }) => doctor(desk, fleet === true),
  );
}

/** Looks at the account, and at the fleet where asked. Exit code 1 where something needs attention. Reads only. */
export async function doctor(desk: Desk, fleet: boolean): Promise<Outcome> {
  const account = await openAccount(desk);
  const now = desk.clock.now();
  const examinations = Object.entries(EXAMINATIONS).map(([name, examine]) =>
    examined(name, examine(desk, account, now)),
  );
  const checks = (await Promise.all(examinations)).flat();
  const history = fleet ? await readFleet(account.table, now) : undefined;
  const patterns = history && findPatterns(history, now);
  const isWell = checks.every(({ ok }) => ok) && (patterns ?? []).length === 0;
  return {
    exitCode: isWell ? 0 : 1,
    data: { stack: account.places.name, now, checks, ...(patterns && { patterns }) },
    lines: (paint) => [
      ...checkLines(checks, paint),
      ...(history && patterns ? ['', ...patternLines(patterns, history.attempts.length, paint)] : []),
    ],
  };
}

function checkLines(checks: readonly Check[], paint: Paint): readonly string[] {
  const lines = columns(
    checks.map(({ name, ok, message }) => [
      { text: ok ? 'ok' : '!!', paint: ok ? paint.green : paint.red },
      name,
      message,
    ]),
  );
  return checks.flatMap(({ remedy }, at) => [lines[at] ?? '', ...(remedy === undefined ? [] : [`    ${remedy}`])]);
}

function patternLines(patterns: readonly Pattern[], attempts: number, paint: Paint): readonly string[] {
  if (patterns.length === 0) return [`No pattern in ${attempts} attempt(s).`];
  return [
    `Patterns in ${attempts} attempt(s):`,
    ...patterns.flatMap(({ words, remedy }) => [`${paint.yellow('!!')}  ${words}`, `    ${remedy}`]),
  ];
}
