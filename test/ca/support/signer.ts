import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A key as a client holds it. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly jwk: Readonly<Record<string, string>>;
  readonly alg: string;
  readonly thumbprint: string;
}

const CURVES = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' } as const;

function signingKey(privateKey: KeyObject, publicKey: KeyObject, alg: string): SigningKey {
  const { kty, crv, x, y, n, e } = publicKey.export({ format: 'jwk' }) as Record<string, string | undefined>;
  const members = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y };
  const jwk = JSON.parse(JSON.stringify(members)) as Record<string, string>;
  return { privateKey, jwk, alg, thumbprint: createHash('sha256').update(JSON.stringify(jwk)).digest('base64url') };
}

export function ecKey(namedCurve: keyof typeof CURVES = 'P-256'): SigningKey {
  const pair = generateKeyPairSync('ec', { namedCurve });
  return signingKey(pair.privateKey, pair.publicKey, CURVES[namedCurve]);
}

export function rsaKey(modulusLength: number): SigningKey {
  const pair = generateKeyPairSync('rsa', { modulusLength });
  return signingKey(pair.privateKey, pair.publicKey, 'RS256');
}

export function base64url(value: string | object): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

export type FlatJws = { protected: string; payload: string; signature: string };

/** Signs without any judgement: the header is taken as it is. */
export function signJws(key: SigningKey, header: object, payload: string): FlatJws {
  const input = `${base64url(header)}.${base64url(payload)}`;
  const hash = `sha${key.alg.slice(2)}`;
  const signature = sign(hash, Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return { protected: base64url(header), payload: base64url(payload), signature: signature.toString('base64url') };
}

/** An external account binding (RFC 8555 section 7.3.4). */
export function macJws(macKey: string, header: object, payload: string): FlatJws {
  const input = `${base64url(header)}.${base64url(payload)}`;
  const mac = createHmac('sha256', Buffer.from(macKey, 'base64url')).update(input).digest('base64url');
  return { protected: base64url(header), payload: base64url(payload), signature: mac };
}
