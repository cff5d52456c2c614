const DAY_MS = 24 * 3_600_000;

/** Where nothing is served yet, somebody waits, but nobody's site is down: as urgent as an end this far ahead. Milliseconds. */
const NOTHING_SERVED_MS = 3 * DAY_MS;

/** What decides a row's place in a sweep. */
export type Place = { readonly kind: string; readonly tries: number; readonly endsAt?: number };

/** Most urgent first: by what ends first; cleaning up comes last. */
export function byUrgency(now: number): (a: Place, b: Place) => number {
  const rank = (place: Place): number =>
    place.kind === 'settle' ? Number.POSITIVE_INFINITY : (place.endsAt ?? now + NOTHING_SERVED_MS);
  return (a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b));
}

/** At most `places` rows; those that failed before get half of the places unless others leave them free. */
export function pickForRound<Row extends Place>(rows: readonly Row[], places: number, now: number): readonly Row[] {
  const sorted = [...rows].sort(byUrgency(now));
  const fresh = sorted.filter((row) => row.tries <= 1);
  const retried = sorted.filter((row) => row.tries > 1);
  const retriedPlaces = Math.max(Math.floor(places / 2), places - fresh.length);
  const picked = [
    ...fresh.slice(0, places - Math.min(retried.length, retriedPlaces)),
    ...retried.slice(0, retriedPlaces),
  ];
  return picked.sort(byUrgency(now)).slice(0, places);
}
