import type { FleetAttempt } from './history.ts';
import { named, type Pattern } from './pattern.ts';

const DAY_MS = 24 * 3_600_000;

/** Failures further apart have hardly one cause. Milliseconds. */
const WINDOW_MS = 14 * DAY_MS;

/** So many certificates, and this share of those that were tried in the window: single bad days happen to every fleet. */
const LEAST_CERTIFICATES = 3;
const LEAST_SHARE = 0.05;

/** The same problem at several certificates within two weeks. */
export function sharedProblems(attempts: readonly FleetAttempt[], now: number): readonly Pattern[] {
  const recent = attempts.filter(({ lastAt }) => now - lastAt < WINDOW_MS);
  const tried = new Set(recent.map(({ certificate }) => certificate)).size;
  const least = Math.max(LEAST_CERTIFICATES, Math.ceil(tried * LEAST_SHARE));
  const groups = Map.groupBy(
    recent.filter(({ outcome }) => outcome === 'failed'),
    (attempt) => JSON.stringify([problemOf(attempt), attempt.ca]),
  );
  return [...groups.values()].flatMap((group) => patternOf(group, least, tried));
}

function patternOf(group: readonly FleetAttempt[], least: number, tried: number): readonly Pattern[] {
  const [first] = group;
  const problem = first && problemOf(first);
  const certificates = [...new Set(group.map(({ certificate }) => certificate))].sort();
  if (first === undefined || problem === undefined || certificates.length < least) return [];
  const ca = first.ca === undefined ? '' : ` at ${first.ca}`;
  return [
    {
      kind: 'shared-problem',
      words: `${certificates.length} of the ${tried} certificates that were tried in the last 14 days failed with ${problem}${ca}, in ${group.length} attempts: ${named(certificates)}.`,
      remedy: `One cause is likely. \`perennial status ${certificates[0]}\` tells what was answered.`,
      certificates,
    },
  ];
}

/** What an attempt failed with in the end. */
function problemOf({ entries }: FleetAttempt): string | undefined {
  return entries.findLast((entry) => entry.kind === 'failed')?.code;
}
