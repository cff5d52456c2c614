import type { FleetAttempt } from './history.ts';
import { named, type Pattern } from './pattern.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What is longer ago may have been mended. Milliseconds. */
const WINDOW_MS = 120 * DAY_MS;

/** Attempts that a zone must have been waited for. */
const LEAST_ATTEMPTS = 3;

/** A zone is slow from here on, and only where others are so many times faster. */
const SLOW_MS = 5 * MINUTE_MS;
const TIMES_SLOWER = 3;
/** Where there is no other zone to compare with. Milliseconds. */
const SLOW_ALONE_MS = 10 * MINUTE_MS;

/** Failures by a zone that did not show its values at all. */
const LEAST_FAILURES = 2;
const NOT_PROPAGATED = 'dnsNotPropagated';

type Waited = { readonly zone: string; readonly certificate: string; readonly ms: number };

/** Zones whose name servers show new values late, each time: the median counts, not one bad day. */
export function slowZones(attempts: readonly FleetAttempt[], now: number): readonly Pattern[] {
  const recent = attempts.filter(({ startedAt }) => now - startedAt < WINDOW_MS);
  const waits = recent.flatMap(waitOf);
  const failed = recent.flatMap(failuresOf);
  const zones = [...new Set([...waits, ...failed].map(({ zone }) => zone))].sort();
  return zones.flatMap((zone) => patternOf(zone, waits, failed));
}

function patternOf(zone: string, waits: readonly Waited[], failed: readonly Waited[]): readonly Pattern[] {
  const own = waits.filter((one) => one.zone === zone);
  const others = waits.filter((one) => one.zone !== zone);
  const gaveUp = failed.filter((one) => one.zone === zone);
  const typical = medianOf(own.map(({ ms }) => ms));
  const isSlow = own.length >= LEAST_ATTEMPTS && typical >= thresholdOf(others);
  if (!isSlow && gaveUp.length < LEAST_FAILURES) return [];
  const certificates = [...new Set([...own, ...gaveUp].map(({ certificate }) => certificate))].sort();
  const slow = isSlow ? `took ${minutes(typical)} in the middle of ${own.length} attempts${comparison(others)}` : '';
  const lost = gaveUp.length > 0 ? `did not show them within 30 minutes in ${gaveUp.length} attempts` : '';
  return [
    {
      kind: 'slow-zone',
      words: `The name servers of ${zone} are slow to show new values: it ${[slow, lost].filter((part) => part !== '').join(', and ')} (${named(certificates)}).`,
      remedy: `Ask who runs the name servers of ${zone} how changes reach all of them; \`perennial status ${certificates[0]}\` names those that lag.`,
      certificates,
    },
  ];
}

function thresholdOf(others: readonly Waited[]): number {
  if (others.length < LEAST_ATTEMPTS) return SLOW_ALONE_MS;
  return Math.max(SLOW_MS, TIMES_SLOWER * medianOf(others.map(({ ms }) => ms)));
}

function comparison(others: readonly Waited[]): string {
  return others.length < LEAST_ATTEMPTS ? '' : `, other zones ${minutes(medianOf(others.map(({ ms }) => ms)))}`;
}

/** From the order until a challenge had moved: publishing, propagation and a little of the CA's own time. Of one zone only. */
function waitOf({ zones, certificate, entries }: FleetAttempt): readonly Waited[] {
  const [zone, ...more] = zones;
  const ordered = entries.find((entry) => entry.kind === 'seen' && entry.of === 'order');
  const answered = entries.find(
    (entry) => entry.kind === 'seen' && entry.of === 'challenge' && entry.from === 'pending' && entry.to !== 'pending',
  );
  if (zone === undefined || more.length > 0 || ordered === undefined || answered === undefined) return [];
  // What was parked in between waited for something else too.
  return answered.run === ordered.run ? [{ zone, certificate, ms: answered.at - ordered.at }] : [];
}

function failuresOf({ zones, certificate, entries }: FleetAttempt): readonly Waited[] {
  const failure = entries.find((entry) => entry.kind === 'failed' && entry.code === NOT_PROPAGATED);
  if (failure?.kind !== 'failed') return [];
  const named = zones.filter((zone) => zones.length === 1 || failure.message.includes(`.${zone} `));
  return named.map((zone) => ({ zone, certificate, ms: Number.POSITIVE_INFINITY }));
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function minutes(ms: number): string {
  return ms < 2 * MINUTE_MS ? `${Math.round(ms / 1000)} seconds` : `${Math.round(ms / MINUTE_MS)} minutes`;
}
