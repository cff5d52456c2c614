import type { FleetAttempt } from './history.ts';
import type { Pattern } from './pattern.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What is longer ago says little of today's CA. Milliseconds. */
const WINDOW_MS = 90 * DAY_MS;

/** How many hours of the day are looked at together. */
const SPAN_HOURS = 3;

/** Evidence: failures in these hours, on so many days; attempts outside of them to compare with. */
const LEAST_FAILURES = 5;
const LEAST_DAYS = 3;
const LEAST_OUTSIDE = 5;

/** Of the attempts in these hours so many fail, and so many times more than in the others. */
const LEAST_RATE = 0.3;
const TIMES_WORSE = 3;

/** Classes of failures that are the CA's, and not the configuration's. */
const OF_THE_CA: readonly string[] = ['caSide', 'transient', 'reconcile'];

/** Hours of the day, in UTC, in which a CA fails much more often than in the others. One pattern a CA, the worst hours. */
export function badHours(attempts: readonly FleetAttempt[], now: number): readonly Pattern[] {
  const recent = attempts.filter(({ ca, startedAt }) => ca !== undefined && now - startedAt < WINDOW_MS);
  const byCa = Map.groupBy(recent, ({ ca }) => ca ?? '');
  return [...byCa].flatMap(([ca, ofCa]) => {
    const spans = Array.from({ length: 24 }, (_, from) => judge(ofCa, from));
    const worst = spans.filter(isBad).sort((a, b) => b.failures.length - a.failures.length || b.rate - a.rate)[0];
    return worst === undefined ? [] : [patternOf(ca, worst)];
  });
}

type Span = {
  /** Hour of the day. */
  readonly from: number;
  readonly attempts: number;
  readonly failures: readonly FleetAttempt[];
  readonly days: number;
  readonly rate: number;
  readonly outside: number;
  readonly rateOutside: number;
};

function judge(attempts: readonly FleetAttempt[], from: number): Span {
  const inside = attempts.filter(({ startedAt }) => isWithin(startedAt, from));
  const outside = attempts.filter(({ startedAt }) => !isWithin(startedAt, from));
  const failures = inside.filter(isOfTheCa);
  return {
    from,
    attempts: inside.length,
    failures,
    days: new Set(failures.map(({ startedAt }) => Math.floor((startedAt - from * HOUR_MS) / DAY_MS))).size,
    rate: share(failures.length, inside.length),
    outside: outside.length,
    rateOutside: share(outside.filter(isOfTheCa).length, outside.length),
  };
}

function isBad({ failures, days, rate, outside, rateOutside }: Span): boolean {
  if (failures.length < LEAST_FAILURES || days < LEAST_DAYS || outside < LEAST_OUTSIDE) return false;
  return rate >= LEAST_RATE && rate >= TIMES_WORSE * rateOutside;
}

/** Whether an attempt ended by the CA's fault. */
function isOfTheCa({ outcome, entries }: FleetAttempt): boolean {
  const failure = entries.findLast((entry) => entry.kind === 'failed');
  return outcome === 'failed' && failure !== undefined && OF_THE_CA.includes(failure.class);
}

function isWithin(at: number, from: number): boolean {
  const hour = Math.floor((at % DAY_MS) / HOUR_MS);
  return (hour - from + 24) % 24 < SPAN_HOURS;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function patternOf(ca: string, { from, attempts, failures, days, rateOutside, outside }: Span): Pattern {
  const until = (from + SPAN_HOURS) % 24;
  return {
    kind: 'bad-hours',
    words: `${ca} fails between ${hourText(from)} and ${hourText(until)} UTC: ${failures.length} of ${attempts} attempts on ${days} days, but ${Math.round(rateOutside * 100)} % of ${outside} at other hours.`,
    remedy: `Look at the status page of ${ca} for work at these hours. Perennial tries again by itself; a second CA in \`cas\` spares the wait.`,
    certificates: [...new Set(failures.map(({ certificate }) => certificate))].sort(),
  };
}

function hourText(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}
