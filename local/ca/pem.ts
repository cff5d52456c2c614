import { KeyObject, type webcrypto } from 'node:crypto';

/** A private WebCrypto key as PKCS #8 PEM (RFC 7468 section 10). */
export async function exportPem(key: webcrypto.CryptoKey): Promise<string> {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}
