import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { isObject, type JsonObject } from './fields.ts';
import { AcmeProblem, malformed } from './problems.ts';

/** An account's or a certificate's public key. */
export interface PublicJwk {
  readonly key: KeyObject;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
  readonly algorithm: SignatureAlgorithm;
}

/** RFC 8555 section 6.2 has ES256 as mandatory; this is what Boulder takes. */
export const SIGNATURE_ALGORITHMS = ['RS256', 'ES256', 'ES384', 'ES512'] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

const CURVES: Readonly<Record<string, SignatureAlgorithm>> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' };

/** RFC 7638 section 3.2: the required members in lexicographic order. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = { EC: ['crv', 'kty', 'x', 'y'], RSA: ['e', 'kty', 'n'] };

function requiredMembers(jwk: JsonObject): Record<string, string> {
  const names = REQUIRED[String(jwk.kty)];
  if (!names)
    throw new AcmeProblem('badPublicKey', `JWK key type "${String(jwk.kty)}" is not supported; use EC or RSA`);
  const members: Record<string, string> = {};
  for (const name of names) {
    const value = jwk[name];
    if (typeof value !== 'string') throw malformed(`JWK member "${name}" is missing`);
    members[name] = value;
  }
  return members;
}

function importKey(members: Readonly<Record<string, string>>): KeyObject {
  try {
    return createPublicKey({ key: members, format: 'jwk' });
  } catch {
    throw malformed('JWK is not a valid key');
  }
}

function checkRsa(key: KeyObject): void {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < 2048 || modulusLength > 4096) {
    throw new AcmeProblem('badPublicKey', `RSA key of ${modulusLength} bits; 2048 to 4096 are supported`);
  }
  if (publicExponent !== 65_537n) throw new AcmeProblem('badPublicKey', 'RSA exponent is not 65537');
}

function algorithmOf(members: Readonly<Record<string, string>>): SignatureAlgorithm {
  if (members.kty === 'RSA') return 'RS256';
  const algorithm = CURVES[members.crv ?? ''];
  if (!algorithm) throw new AcmeProblem('badPublicKey', `Curve "${members.crv}" is not supported`);
  return algorithm;
}

/**
 * Reads a public JWK (RFC 7517).
 * @throws AcmeProblem badPublicKey when it is of a kind or size that is not supported, malformed when it is none or a private one.
 */
export function readJwk(value: unknown): PublicJwk {
  if (!isObject(value)) throw malformed('JWK is not an object');
  if ('d' in value) throw malformed('JWK holds a private key');
  const members = requiredMembers(value);
  const algorithm = algorithmOf(members);
  const key = importKey(members);
  if (key.asymmetricKeyType === 'rsa') checkRsa(key);
  const thumbprint = createHash('sha256').update(JSON.stringify(members)).digest('base64url');
  return { key, thumbprint, algorithm };
}

/** The JWK of a public key, to compare a certificate's or a CSR's key with an account's. */
export function thumbprintOf(key: KeyObject): string | undefined {
  const jwk = key.export({ format: 'jwk' });
  const names = REQUIRED[jwk.kty ?? ''];
  if (!names) return undefined;
  const members = Object.fromEntries(names.map((name) => [name, jwk[name]]));
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}
