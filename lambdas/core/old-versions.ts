/** A published version of a Lambda. */
export type PublishedVersion = {
  /** A whole number, growing from one publication to the next. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly publishedAt: number;
};

const DAY_MS = 86_400_000;

/**
 * A version may be called for this long after another one took its place: a run of an hour that was under way may be redriven
 * for 14 days after its end, and then runs for an hour again. A day is added for clocks.
 * https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
export const REDRIVABLE_MS = 15 * DAY_MS;

/** Kept in any case, so that a failed deployment finds what it rolls back to. */
export const NEWEST_KEPT = 3;

/** Versions that no definition names and that no execution can call any more; `named` is what definitions call now. */
export function oldVersions(published: readonly PublishedVersion[], named: string, now: number): readonly string[] {
  const byAge = [...published].sort((one, other) => Number(other.version) - Number(one.version));
  return byAge.flatMap(({ version }, at) => {
    const successor = byAge[at - 1];
    if (version === named || at < NEWEST_KEPT || successor === undefined) return [];
    return now - successor.publishedAt > REDRIVABLE_MS ? [version] : [];
  });
}
