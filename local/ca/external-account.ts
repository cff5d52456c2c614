import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Signed } from './authenticate.ts';
import { isObject, parseObject } from './fields.ts';
import { readJwk } from './jwk.ts';
import { type Jws, parseJws } from './jws.ts';
import { AcmeProblem, malformed, unauthorized } from './problems.ts';
import type { Call, World } from './world.ts';

const MACS: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

function macKey(world: World, call: Call, binding: Jws): Buffer {
  const { kid, url, nonce } = binding.header;
  if (typeof kid !== 'string') throw malformed('externalAccountBinding: "kid" is missing');
  if (nonce !== undefined) throw malformed('externalAccountBinding: "nonce" must be absent');
  if (url !== call.url) throw malformed('externalAccountBinding: "url" differs from the outer JWS');
  const key = world.settings.externalAccounts.keys[kid];
  if (key === undefined) throw unauthorized(`externalAccountBinding: key identifier "${kid}" is unknown`);
  return Buffer.from(key, 'base64url');
}

function verifyMac(binding: Jws, key: Buffer): void {
  const hash = MACS[String(binding.header.alg)];
  if (!hash) throw malformed(`externalAccountBinding: "alg" is "${String(binding.header.alg)}"; use HS256`);
  const mac = createHmac(hash, key).update(binding.signingInput).digest();
  const good = mac.length === binding.signature.length && timingSafeEqual(mac, binding.signature);
  if (!good) throw unauthorized('externalAccountBinding: the MAC does not verify');
}

/**
 * Verifies `externalAccountBinding` (RFC 8555 section 7.3.4) and returns it as it came; undefined when there is none.
 * @throws AcmeProblem externalAccountRequired when it is missing and required.
 */
export function verifyBinding(world: World, call: Call, signed: Signed, value: unknown): object | undefined {
  if (value === undefined || value === null) {
    if (!world.settings.externalAccounts.required) return undefined;
    throw new AcmeProblem('externalAccountRequired', 'This CA needs an external account: send externalAccountBinding');
  }
  if (!isObject(value)) throw malformed('externalAccountBinding is not a JSON object');
  const binding = parseJws(value);
  verifyMac(binding, macKey(world, call, binding));
  const bound = readJwk(parseObject(binding.payload, 'externalAccountBinding payload'));
  if (bound.thumbprint !== signed.key.thumbprint) throw malformed('externalAccountBinding: payload is another key');
  return value;
}
