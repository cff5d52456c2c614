import crypto, { createHash, createPublicKey, KeyObject, verify, webcrypto } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';
import { curveOf, keyFrom, signSame } from './seeded-ecdsa.ts';

/*
 * Import this before anything that makes keys. It takes chance and threads out of this process's cryptography: keys follow from
 * the seed, signatures from key and data, and every promise is settled without leaving the event loop's turn, so that the order
 * of events cannot depend on how fast a thread is.
 */

let seed = 'none';
let keys = 0;

/** All keys made from now on follow from this seed. */
export function seedKeys(of: string): void {
  seed = of;
  keys = 0;
}

function nextKey(curve: string | undefined): KeyObject {
  keys += 1;
  return keyFrom(curveOf(curve), `${seed} ${keys}`);
}

type Algorithm = { readonly name?: string; readonly namedCurve?: string; readonly hash?: string | { name: string } };

const hashOf = ({ hash }: Algorithm): string =>
  (typeof hash === 'object' ? hash.name : (hash ?? 'SHA-256')).replace('-', '').toLowerCase();

const bytesOf = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);

/** A buffer of its own, as WebCrypto answers. */
const own = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

const subtle = {
  async generateKey(algorithm: Algorithm, extractable: boolean): Promise<unknown> {
    const key = nextKey(algorithm.namedCurve);
    const privateKey = key.toCryptoKey(algorithm as webcrypto.EcKeyGenParams, extractable, ['sign']);
    const publicKey = createPublicKey(key).toCryptoKey(algorithm as webcrypto.EcKeyGenParams, true, ['verify']);
    return { privateKey, publicKey };
  },
  async sign(
    algorithm: Algorithm,
    key: webcrypto.CryptoKey,
    data: ArrayBuffer | ArrayBufferView,
  ): Promise<ArrayBuffer> {
    return own(signSame(KeyObject.from(key), hashOf(algorithm), bytesOf(data)));
  },
  async verify(
    algorithm: Algorithm,
    key: webcrypto.CryptoKey,
    signature: ArrayBuffer | ArrayBufferView,
    data: ArrayBuffer | ArrayBufferView,
  ): Promise<boolean> {
    const options = { key: KeyObject.from(key), dsaEncoding: 'ieee-p1363' } as const;
    return verify(hashOf(algorithm), bytesOf(data), options, bytesOf(signature));
  },
  async digest(algorithm: string | Algorithm, data: ArrayBuffer | ArrayBufferView): Promise<ArrayBuffer> {
    const hash = hashOf({ hash: typeof algorithm === 'string' ? algorithm : (algorithm.name ?? '') });
    return own(createHash(hash).update(bytesOf(data)).digest());
  },
  async exportKey(format: string, key: webcrypto.CryptoKey): Promise<unknown> {
    const object = KeyObject.from(key);
    if (format === 'jwk') return object.export({ format: 'jwk' });
    if (format === 'spki' || format === 'pkcs8') return own(object.export({ format: 'der', type: format }));
    throw new Error(`a simulation exports no key as ${format}`);
  },
};

function install(): void {
  Object.assign(Object.getPrototypeOf(webcrypto.subtle), subtle);
  const generate = async (type: string, options: { readonly namedCurve?: string }) => {
    if (type !== 'ec') throw new Error(`a simulation makes no ${type} keys`);
    const privateKey = nextKey(options.namedCurve);
    return { privateKey, publicKey: createPublicKey(privateKey) };
  };
  Object.defineProperty(crypto.generateKeyPair, promisify.custom, { value: generate, configurable: true });
  syncBuiltinESMExports();
}

install();
