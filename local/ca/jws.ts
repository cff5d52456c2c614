import { verify } from 'node:crypto';
import { decodeBase64url } from './base64url.ts';
import { isObject, type JsonObject, parseObject } from './fields.ts';
import { type PublicJwk, SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from './jwk.ts';
import { AcmeProblem, malformed } from './problems.ts';

/** A flattened JWS (RFC 7515 section 7.2.2), taken apart, not yet verified. */
export interface Jws {
  readonly header: JsonObject;
  readonly payload: string;
  readonly signature: Buffer;
  /** What was signed. */
  readonly signingInput: string;
}

function member(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value !== 'string') throw malformed(`JWS member "${name}" is missing or not a string`);
  return value;
}

// RFC 8555 section 6.2: flattened serialization, no unprotected header, one signature.
function checkShape(body: JsonObject): void {
  if ('header' in body) throw malformed('JWS has an unprotected "header"; all of it belongs into "protected"');
  if ('signatures' in body) throw malformed('JWS has "signatures"; use the flattened serialization');
}

/** @throws AcmeProblem malformed when it is no flattened JWS. */
export function parseJws(value: unknown): Jws {
  if (!isObject(value)) throw malformed('JWS is not a JSON object');
  checkShape(value);
  const protectedPart = member(value, 'protected');
  const payloadPart = member(value, 'payload');
  const header = parseObject(
    decodeBase64url(protectedPart, 'JWS "protected"').toString('utf8'),
    'JWS protected header',
  );
  if ('crit' in header) throw malformed('JWS header "crit" names extensions that are not understood');
  if (header.b64 === false) throw malformed('JWS with an unencoded payload (RFC 7797) is not allowed');
  return {
    header,
    payload: decodeBase64url(payloadPart, 'JWS "payload"').toString('utf8'),
    signature: decodeBase64url(member(value, 'signature'), 'JWS "signature"'),
    signingInput: `${protectedPart}.${payloadPart}`,
  };
}

/** RFC 8555 section 6.2: no `none`, no MAC; the refusal lists what is supported. */
function algorithmOf(header: JsonObject): SignatureAlgorithm {
  const algorithm = SIGNATURE_ALGORITHMS.find((each) => each === header.alg);
  if (algorithm) return algorithm;
  throw badAlgorithm(`JWS algorithm "${String(header.alg)}" is not supported`);
}

function badAlgorithm(detail: string): AcmeProblem {
  return new AcmeProblem('badSignatureAlgorithm', detail, { algorithms: SIGNATURE_ALGORITHMS });
}

/** @throws AcmeProblem when the algorithm is refused, does not fit the key, or the signature does not verify. */
export function verifySignature(jws: Jws, signer: PublicJwk): void {
  const algorithm = algorithmOf(jws.header);
  if (algorithm !== signer.algorithm) {
    throw badAlgorithm(`JWS algorithm "${algorithm}" does not fit the key, which needs "${signer.algorithm}"`);
  }
  const key = signer.algorithm === 'RS256' ? signer.key : ({ key: signer.key, dsaEncoding: 'ieee-p1363' } as const);
  const good = verify(`sha${algorithm.slice(2)}`, Buffer.from(jws.signingInput), key, jws.signature);
  if (!good) throw malformed('JWS signature does not verify');
}

/** Checks the algorithm before any key is looked for, so that a key of a refused kind is told as an algorithm. */
export function checkAlgorithm(jws: Jws): void {
  algorithmOf(jws.header);
}
