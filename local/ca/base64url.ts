import { malformed } from './problems.ts';

const ALPHABET = /^[A-Za-z0-9_-]*$/;

export function isBase64url(text: string): boolean {
  return ALPHABET.test(text);
}

/**
 * Decodes base64url without padding (RFC 8555 section 6.1, RFC 7515 section 2).
 * @throws AcmeProblem malformed when there is padding or any other character: "MUST reject".
 */
export function decodeBase64url(text: string, what: string): Buffer {
  if (!isBase64url(text)) throw malformed(`${what} is not base64url without padding`);
  return Buffer.from(text, 'base64url');
}
