import { isBase64url } from './base64url.ts';
import { parseObject } from './fields.ts';
import { type PublicJwk, readJwk } from './jwk.ts';
import { checkAlgorithm, type Jws, parseJws, verifySignature } from './jws.ts';
import type { Account } from './model.ts';
import { AcmeProblem, malformed, unauthorized } from './problems.ts';
import { link } from './wire.ts';
import type { Call, World } from './world.ts';

/** A request whose JWS has been verified. */
export interface Signed {
  /** Decoded; empty is POST-as-GET. */
  readonly payload: string;
  readonly key: PublicJwk;
}

export interface SignedByAccount extends Signed {
  readonly account: Account;
}

/** RFC 8555 section 6.2. */
function checkContentType(call: Call): void {
  if (call.request.headers['content-type'] !== 'application/jose+json') {
    throw malformed('Content-Type must be "application/jose+json"', 415);
  }
}

/** RFC 8555 section 6.5.2: one that is not base64url is malformed; one that is not ours is a bad nonce. */
function checkNonce(world: World, call: Call, jws: Jws): void {
  const nonce = jws.header.nonce;
  if (nonce === undefined) throw new AcmeProblem('badNonce', 'JWS header "nonce" is missing');
  if (typeof nonce !== 'string' || !isBase64url(nonce)) throw malformed('JWS header "nonce" is not base64url');
  const good = world.nonces.redeem(nonce);
  if (!good || call.refuseNonce) throw new AcmeProblem('badNonce', `JWS nonce "${nonce}" is unknown, used or too old`);
}

/** RFC 8555 section 6.4. */
function checkUrl(call: Call, jws: Jws): void {
  const url = jws.header.url;
  if (url === undefined) throw malformed('JWS header "url" is missing');
  if (url !== call.url) throw malformed(`JWS header "url" is "${String(url)}"; the request went to "${call.url}"`);
}

function finish(world: World, call: Call, jws: Jws, key: PublicJwk): Signed {
  verifySignature(jws, key);
  checkNonce(world, call, jws);
  checkUrl(call, jws);
  call.entry.payload = jws.payload;
  return { payload: jws.payload, key };
}

function open(call: Call): Jws {
  checkContentType(call);
  const jws = parseJws(parseObject(call.request.body, 'Body'));
  checkAlgorithm(jws);
  const { jwk, kid } = jws.header;
  if (jwk !== undefined && kid !== undefined) throw malformed('JWS headers "jwk" and "kid" exclude each other');
  if (jwk === undefined && kid === undefined) throw malformed('JWS header has neither "jwk" nor "kid"');
  return jws;
}

function accountOf(world: World, kid: unknown): Account {
  if (typeof kid !== 'string') throw malformed('JWS header "kid" is not a string');
  const prefix = world.urls.accountPrefix();
  if (!kid.startsWith(prefix)) throw malformed(`JWS header "kid" is no account URL of this CA: "${kid}"`);
  const account = world.store.accounts.get(kid.slice(prefix.length));
  if (!account) throw new AcmeProblem('accountDoesNotExist', `Account "${kid}" does not exist`);
  return account;
}

/** RFC 8555 section 7.3.6 has 401; Boulder sends 403. */
export function checkActive(world: World, account: Account): void {
  if (account.status === 'valid') return;
  const status = world.settings.habits.deactivatedIsForbidden ? 403 : 401;
  throw new AcmeProblem('unauthorized', `Account is ${account.status}`, { status });
}

/** RFC 8555 section 7.3.3: changed terms stop everything but the account itself. */
function checkTerms(world: World, call: Call, account: Account): void {
  const { terms } = world;
  if (terms === undefined || account.terms === terms || call.endpoint === 'account') return;
  throw new AcmeProblem('userActionRequired', 'Terms of service have changed; agree to them first', {
    instance: terms,
    headers: { Link: [link(terms, 'terms-of-service')] },
  });
}

/** Verifies a request of an account (JWS header `kid`). @throws AcmeProblem */
export function verifyByAccount(world: World, call: Call): SignedByAccount {
  const jws = open(call);
  if (jws.header.kid === undefined) throw malformed('This resource takes requests signed by an account ("kid") only');
  return byKid(world, call, jws);
}

function byKid(world: World, call: Call, jws: Jws): SignedByAccount {
  const account = accountOf(world, jws.header.kid);
  call.entry.account = world.urls.account(account);
  const signed = finish(world, call, jws, account.key);
  checkActive(world, account);
  checkTerms(world, call, account);
  return { ...signed, account };
}

/** Verifies a request that brings its key (JWS header `jwk`). @throws AcmeProblem */
export function verifyByKey(world: World, call: Call): Signed {
  const jws = open(call);
  if (jws.header.jwk === undefined) throw malformed('This resource takes requests that bring their key ("jwk") only');
  return finish(world, call, jws, readJwk(jws.header.jwk));
}

/** For revokeCert, which takes both (RFC 8555 section 7.6). */
export function verifyByEither(world: World, call: Call): Signed & { readonly account?: Account } {
  const jws = open(call);
  if (jws.header.kid !== undefined) return byKid(world, call, jws);
  return finish(world, call, jws, readJwk(jws.header.jwk));
}

/** RFC 8555 section 6.3: POST-as-GET has an empty payload, not `{}`. @throws AcmeProblem */
export function verifyPostAsGet(world: World, call: Call): SignedByAccount {
  const signed = verifyByAccount(world, call);
  if (signed.payload !== '') throw malformed('POST-as-GET has an empty payload');
  return signed;
}

/** @throws AcmeProblem unauthorized when the thing is another account's. */
export function checkOwner(owner: Account, account: Account, what: string): void {
  if (owner !== account) throw unauthorized(`The ${what} belongs to another account`);
}
