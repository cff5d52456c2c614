import { type Signed, verifyByEither } from './authenticate.ts';
import { decodeBase64url } from './base64url.ts';
import { type JsonObject, parseObject, requiredString } from './fields.ts';
import type { Account, Certificate } from './model.ts';
import { AcmeProblem, type Identifier, notFound, unauthorized } from './problems.ts';
import { authorizationStatus } from './status.ts';
import type { CaAnswer } from './wire.ts';
import type { Call, World } from './world.ts';

/** RFC 5280 section 5.3.1 without 7 (unused), 8 (removeFromCRL, for CRLs only) and 10 (aACompromise, no attribute certificates here). */
const REASONS = [0, 1, 2, 3, 4, 5, 6, 9];

function reasonOf(world: World, body: JsonObject): number {
  const reason = body.reason ?? 0;
  const allowed = world.settings.habits.revocationReasons ?? REASONS;
  if (typeof reason === 'number' && allowed.includes(reason)) return reason;
  throw new AcmeProblem(
    'badRevocationReason',
    `Reason ${String(reason)} is not allowed; use one of ${allowed.join(', ')}`,
  );
}

function findByDer(world: World, text: string): Certificate {
  const der = decodeBase64url(text, 'Field "certificate"');
  const found = world.store.certificatesByDer.get(der.toString('base64url'));
  if (!found) throw notFound('certificate');
  return found;
}

function hasProven(world: World, account: Account, name: Identifier): boolean {
  const now = world.clock.now();
  return (world.store.authorizationsOf.get(account.id) ?? []).some((each) => {
    const value = each.wildcard ? `*.${each.identifier.value}` : each.identifier.value;
    return value === name.value && authorizationStatus(each, now) === 'valid';
  });
}

/** RFC 8555 section 7.6: the account that got it, one that has proven all its names, or the certificate's own key. */
function checkMayRevoke(world: World, signed: Signed & { readonly account?: Account }, certificate: Certificate): void {
  const { account } = signed;
  if (!account) {
    if (signed.key.thumbprint === certificate.publicKeyThumbprint) return;
    throw unauthorized('The request is not signed by the key of the certificate');
  }
  const proven = certificate.order.identifiers.every((name) => hasProven(world, account, name));
  if (certificate.account !== account && !proven) throw unauthorized('The account may not revoke this certificate');
}

/** RFC 8555 section 7.6. */
export function revokeCert(world: World, call: Call): CaAnswer {
  const signed = verifyByEither(world, call);
  const body = parseObject(signed.payload, 'Payload');
  const certificate = findByDer(world, requiredString(body, 'certificate'));
  const reason = reasonOf(world, body);
  checkMayRevoke(world, signed, certificate);
  if (certificate.revoked) throw new AcmeProblem('alreadyRevoked', 'The certificate has been revoked already');
  certificate.revoked = { at: world.clock.now(), reason };
  return { status: 200, headers: {}, body: '' };
}
