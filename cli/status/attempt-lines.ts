import type { AttemptEntry, AttemptRow } from '../../lambdas/core/attempt-rows.ts';
import type { Paint } from '../output/paint.ts';
import { utc, when } from '../output/times.ts';

/** What happened in an attempt, a line an entry. `now`: milliseconds since the epoch. */
export function attemptLines(attempt: AttemptRow, paint: Paint, now: number): readonly string[] {
  const outcome = attempt.outcome === 'failed' ? paint.red(attempt.outcome) : attempt.outcome;
  const dropped = attempt.dropped === undefined ? [] : [`    and ${attempt.dropped} more that were not kept`];
  return [
    `  ${when(attempt.startedAt, now)}: ${outcome}`,
    ...attempt.entries.map((entry) => `    ${paint.dim(utc(entry.at))}  ${entry.step}: ${entryText(entry)}`),
    ...dropped,
  ];
}

/** One thing that happened, in words. */
export function entryText(entry: AttemptEntry): string {
  switch (entry.kind) {
    case 'seen':
      return `${entry.of} ${entry.from === undefined ? '' : `${entry.from} → `}${entry.to}`;
    case 'refused':
      return `${entry.request} was answered ${entry.status || 'not at all'}${problemText(entry.problem)}`;
    case 'failed':
      return `failed (${entry.code}): ${entry.message}`;
    case 'noticed':
      return `noticed (${entry.code}): ${entry.message}`;
    case 'certificate':
      return `certificate ${entry.version.slice(0, 12)} ${entry.state}${entry.reason === undefined ? '' : `: ${entry.reason}`}`;
  }
}

function problemText(problem: { readonly type: string; readonly detail: string } | undefined): string {
  if (problem === undefined) return '';
  return `: ${[problem.type, problem.detail].filter((part) => part !== '').join(' ')}`;
}
