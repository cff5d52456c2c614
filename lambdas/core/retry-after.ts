/**
 * Retry-After (RFC 9110 section 10.2.3), in seconds or as an HTTP-date, as an instant in milliseconds since the epoch.
 * Garbage, and instants that have passed, count as absent.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const at = /^\d+$/.test(text) ? now + Number(text) * 1000 : Date.parse(text);
  return Number.isFinite(at) && at > now ? at : undefined;
}
