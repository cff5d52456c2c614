const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

/** From this distance on an instant is told in these units; nearer ones in seconds. */
const UNITS = [
  { from: 2 * DAY_MS, unit: 'day', ms: DAY_MS },
  { from: 2 * HOUR_MS, unit: 'hour', ms: HOUR_MS },
  { from: 2 * MINUTE_MS, unit: 'minute', ms: MINUTE_MS },
] as const;

/** How far an instant is from now: "in 12 days", "3 hours ago". Milliseconds since the epoch. */
export function relative(at: number, now: number): string {
  const distance = at - now;
  if (Math.abs(distance) < SECOND_MS) return 'now';
  const { unit, ms } = UNITS.find(({ from }) => Math.abs(distance) >= from) ?? { unit: 'second', ms: SECOND_MS };
  return RELATIVE.format(Math.trunc(distance / ms), unit);
}

/** An instant to the minute, in UTC. */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Both. */
export function when(at: number, now: number): string {
  return `${utc(at)} (${relative(at, now)})`;
}
