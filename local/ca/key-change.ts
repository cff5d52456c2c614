import { type SignedByAccount, verifyByAccount } from './authenticate.ts';
import { parseObject, requiredString } from './fields.ts';
import { type PublicJwk, readJwk } from './jwk.ts';
import { type Jws, parseJws, verifySignature } from './jws.ts';
import type { Account } from './model.ts';
import { AcmeProblem, malformed } from './problems.ts';
import { type CaAnswer, json } from './wire.ts';
import type { Call, World } from './world.ts';

/** The inner JWS, signed by the new key (RFC 8555 section 7.3.5). */
function openInner(call: Call, payload: string): { readonly inner: Jws; readonly newKey: PublicJwk } {
  const inner = parseJws(parseObject(payload, 'Payload'));
  if (inner.header.jwk === undefined) throw malformed('Inner JWS: "jwk" with the new key is missing');
  if (inner.header.kid !== undefined) throw malformed('Inner JWS: "kid" must be absent');
  if (inner.header.nonce !== undefined) throw malformed('Inner JWS: "nonce" must be absent');
  if (inner.header.url !== call.url) throw malformed('Inner JWS: "url" differs from the outer JWS');
  const newKey = readJwk(inner.header.jwk);
  verifySignature(inner, newKey);
  return { inner, newKey };
}

function checkContent(world: World, signed: SignedByAccount, inner: Jws): void {
  const content = parseObject(inner.payload, 'Inner payload');
  if (requiredString(content, 'account') !== world.urls.account(signed.account)) {
    throw malformed('Inner JWS: "account" is not the account that signed the outer one');
  }
  if (readJwk(content.oldKey).thumbprint !== signed.account.key.thumbprint) {
    throw malformed('Inner JWS: "oldKey" is not the account\'s key');
  }
}

function checkUnused(world: World, newKey: PublicJwk): void {
  const holder: Account | undefined = world.store.accountsByKey.get(newKey.thumbprint);
  if (!holder) return;
  throw new AcmeProblem('conflict', 'The new key is in use', { headers: { Location: world.urls.account(holder) } });
}

/** RFC 8555 section 7.3.5. */
export function keyChange(world: World, call: Call): CaAnswer {
  const signed = verifyByAccount(world, call);
  const { inner, newKey } = openInner(call, signed.payload);
  checkContent(world, signed, inner);
  if (newKey.thumbprint === signed.account.key.thumbprint) throw malformed('The new key is the old one');
  checkUnused(world, newKey);
  world.store.accountsByKey.delete(signed.account.key.thumbprint);
  world.store.accountsByKey.set(newKey.thumbprint, signed.account);
  signed.account.key = newKey;
  return json(200, { status: signed.account.status }, { Location: world.urls.account(signed.account) });
}
