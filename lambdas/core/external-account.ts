/** Names the key id that a CA gives its customers, and the secret that holds the key (RFC 8555 section 7.3.4). */
export type ExternalAccount = {
  readonly keyId: string;
  /** Name of a secret in AWS Secrets Manager, in the stack's region. */
  readonly secretName: string;
};

/** A key of an external account, ready to sign with; never stored. */
export type ExternalAccountKey = { readonly keyId: string; readonly hmacKey: string };

/** RFC 8555 section 7.3.4: base64url. Some CAs show plain base64, which the same decoder takes. */
const BASE64 = /^[A-Za-z0-9_\-+/]{16,}={0,2}$/;

/** The HMAC key in a secret's text, which is the key itself or JSON `{"hmacKey": "..."}`; undefined when it is neither. */
export function hmacKeyOf(secret: string): string | undefined {
  const text = secret.trim();
  const key = text.startsWith('{') ? fieldOf(text) : text;
  return key !== undefined && BASE64.test(key) ? key : undefined;
}

function fieldOf(json: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(json);
    if (typeof parsed !== 'object' || parsed === null || !('hmacKey' in parsed)) return undefined;
    return typeof parsed.hmacKey === 'string' ? parsed.hmacKey.trim() : undefined;
  } catch {
    return undefined;
  }
}
