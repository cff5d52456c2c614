/** What takes the place of each kind of secret. In this order: the earlier is the more exact. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, '[private key]'],
  // Base64 of the first bytes of PKCS#8 and PKCS#1 (RSA), PKCS#8 and SEC1 (EC), and what follows: SEQUENCE, then INTEGER 0 or 1.
  [/M(?:II[\w+/]{2}[AQgw]IBA(?:DAN|AKC)|I[E-H][\w+/]AgE[AB]|HcCAQEE|EECAQAw|C4CAQAw)[\w+/=\s]{20,}/g, '[private key]'],
  // A JWS, compact or the parts of a flattened one (RFC 7515 section 7): base64url of `{"`.
  [/\beyJ[\w-]{10,}(?:\.[\w-]*){0,2}/g, '[JWS]'],
  // A key authorization (RFC 8555 section 8.1): token, dot, thumbprint.
  [/(?<![\w-])[\w-]{22,}\.[\w-]{43}(?![\w-])/g, '[key authorization]'],
  [/(\bnonce\b\W{0,4})[\w-]{16,}/gi, '$1[nonce]'],
];

/** Base64url of 32 bytes: TXT values, thumbprints, most tokens. */
const DIGEST = /(?<![\w-])[\w-]{43}(?![\w-])/g;

/**
 * The last guard of a line: private keys, signed bodies, key authorizations, nonces, and base64url of 32 bytes (the TXT value
 * of a challenge, a token) give way to what they are. Everything else stays.
 */
export function redact(text: string): string {
  const guarded = SECRETS.reduce((left, [pattern, name]) => left.replace(pattern, name), text);
  return guarded.replace(DIGEST, (found) => (isDigest(found) ? '[digest]' : found));
}

/** A name of as many letters has no capitals. */
function isDigest(text: string): boolean {
  return /[a-z]/.test(text) && /[A-Z]/.test(text);
}
