import { findByCertId } from './ari.ts';
import { keyOf } from './identifiers.ts';
import type { Account, Certificate } from './model.ts';
import { AcmeProblem, type Identifier, malformed, unauthorized } from './problems.ts';
import { orderStatus } from './status.ts';
import type { World } from './world.ts';

/**
 * The certificate that a new order says it replaces (RFC 9773 section 5).
 * @throws AcmeProblem 404 unknown, 403 another account's, 400 no name in common, 409 replaced already by an order that lives.
 */
export function findReplaced(
  world: World,
  account: Account,
  identifiers: readonly Identifier[],
  replaces: string,
): Certificate {
  const certificate = findByCertId(world, replaces);
  if (certificate.account !== account) throw unauthorized('The certificate to be replaced belongs to another account');
  const names = new Set(certificate.order.identifiers.map(keyOf));
  if (!identifiers.some((each) => names.has(keyOf(each)))) {
    throw malformed('The order shares no name with the certificate to be replaced');
  }
  const { replacedBy } = certificate;
  if (replacedBy && orderStatus(world.settings, replacedBy, world.clock.now()) !== 'invalid') {
    throw new AcmeProblem('alreadyReplaced', `Certificate "${replaces}" has a replacement order already`);
  }
  return certificate;
}
