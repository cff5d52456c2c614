/** RFC 8555 section 6.1 asks for a User-Agent; Pebble refuses requests without one. */
export const USER_AGENT = 'perennial/0.1 (+acme-client)';

/** Scheme and host are those of the directory: a CA's answer must not send us, or our signatures, elsewhere. */
export function isForeignUrl(directoryUrl: string, url: string): boolean {
  const parsed = URL.parse(url);
  return parsed === null || parsed.protocol !== 'https:' || parsed.host !== new URL(directoryUrl).host;
}
