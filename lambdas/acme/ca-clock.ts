/** Clocks that differ by less are taken for the same: `Date` has whole seconds, and an answer takes its time. Milliseconds. */
const SAME_MS = 60_000;

/**
 * How far the CA's clock is ahead of ours, by the `Date` of an answer (RFC 9110 section 6.6.1); 0 where it does not say, and where
 * the two agree. Instants that the CA names are on its clock. Milliseconds.
 */
export function clockAhead(date: string | undefined, now: number): number {
  const ahead = Date.parse(date ?? '') - now;
  return Math.abs(ahead) >= SAME_MS ? ahead : 0;
}
