/**
 * Retry-After (RFC 9110 section 10.2.3), in seconds or as an HTTP-date, as an instant in milliseconds since the epoch.
 * Garbage, and instants that have passed, count as absent. A date is on the server's clock, which is `clockAhead` milliseconds
 * ahead of ours.
 */
export function parseRetryAfter(header: string | undefined, now: number, clockAhead = 0): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const at = /^\d+$/.test(text) ? now + Number(text) * 1000 : Date.parse(text) - clockAhead;
  return Number.isFinite(at) && at > now ? at : undefined;
}
