import { createECDH, createHash, createHmac, createPrivateKey, type KeyObject } from 'node:crypto';

/** The curves of the keys that a simulation makes. */
export type Curve = 'P-256' | 'P-384';

type Parameters = { readonly name: string; readonly bytes: number; readonly hash: string; readonly order: bigint };

// FIPS 186-5: orders of the base points.
const CURVES: Readonly<Record<Curve, Parameters>> = {
  'P-256': {
    name: 'prime256v1',
    bytes: 32,
    hash: 'sha256',
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  'P-384': {
    name: 'secp384r1',
    bytes: 48,
    hash: 'sha384',
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
};

/** A private key that follows from a text: for tests only. */
export function keyFrom(curve: Curve, text: string): KeyObject {
  const { bytes } = CURVES[curve];
  const d = scalarFrom(curve, Buffer.from('key'), Buffer.from(text));
  const point = pointOf(curve, d);
  const encoded = (at: number) => point.subarray(at, at + bytes).toString('base64url');
  const key = {
    kty: 'EC',
    crv: curve,
    d: bufferOf(d, bytes).toString('base64url'),
    x: encoded(1),
    y: encoded(1 + bytes),
  };
  return createPrivateKey({ key, format: 'jwk' });
}

/** An ECDSA signature (FIPS 186-5 section 6.4.1) that is always the same for a key and its data, as two concatenated numbers. */
export function signSame(key: KeyObject, hash: string, data: Uint8Array): Buffer {
  const { d: secret = '', crv } = key.export({ format: 'jwk' });
  const curve = curveOf(crv);
  const { bytes, order } = CURVES[curve];
  const digest = createHash(hash).update(data).digest().subarray(0, bytes);
  const d = numberOf(Buffer.from(secret, 'base64url'));
  const k = scalarFrom(curve, Buffer.from(secret, 'base64url'), digest);
  const r = numberOf(pointOf(curve, k).subarray(1, 1 + bytes)) % order;
  const s = (inverse(k, order) * (numberOf(digest) + r * d)) % order;
  return Buffer.concat([bufferOf(r, bytes), bufferOf(s, bytes)]);
}

export function curveOf(name: string | undefined): Curve {
  if (name === 'P-256' || name === 'P-384') return name;
  throw new Error(`a simulation makes no keys on ${name}`);
}

function scalarFrom(curve: Curve, key: Buffer, data: Uint8Array): bigint {
  const { hash, order } = CURVES[curve];
  return (numberOf(createHmac(hash, key).update(data).digest()) % (order - 1n)) + 1n;
}

/** The base point times the scalar, uncompressed. */
function pointOf(curve: Curve, scalar: bigint): Buffer {
  const { name, bytes } = CURVES[curve];
  const ecdh = createECDH(name);
  ecdh.setPrivateKey(bufferOf(scalar, bytes));
  return ecdh.getPublicKey();
}

/** By Euclid's algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [low, high, a, b] = [value % modulus, modulus, 1n, 0n];
  while (low > 1n) {
    const times = high / low;
    [high, low] = [low, high - times * low];
    [b, a] = [a, b - times * a];
  }
  return ((a % modulus) + modulus) % modulus;
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function bufferOf(value: bigint, bytes: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * bytes, '0'), 'hex');
}
