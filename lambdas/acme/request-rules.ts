/** RFC 8555 section 6.1 asks for a User-Agent; Pebble refuses requests without one. */
export const USER_AGENT = 'perennial/0.1 (+acme-client)';

/** Scheme and host are those of the directory unless configured: a CA's answer must not send us, or our signatures, elsewhere. */
export function isForeignUrl(directoryUrl: string, url: string, otherHosts: readonly string[] = []): boolean {
  const parsed = URL.parse(url);
  const hosts = [new URL(directoryUrl).host, ...otherHosts];
  return parsed === null || parsed.protocol !== 'https:' || !hosts.includes(parsed.host);
}

/** OpenSSL's and Node's names for a certificate that does not hold. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const TLS_REFUSALS =
  /^(ERR_TLS_CERT_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET|VERIFY|DECRYPT|DECODE)_|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)/;

/** Whether a request failed because the CA's TLS certificate is untrusted, expired or another host's: nothing was sent. */
export function isTlsRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && TLS_REFUSALS.test(String(error.code));
}

/** The terms to agree to, where an answer links them (RFC 8555 section 7.3.3). */
export function termsUrlIn({ headers }: { readonly headers: Readonly<Record<string, string>> }): { termsUrl?: string } {
  const link = /<(https:[^>]+)>\s*;\s*rel="?terms-of-service"?/i.exec(headers.link ?? '');
  return link?.[1] === undefined ? {} : { termsUrl: link[1] };
}
