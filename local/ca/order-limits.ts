import { isInWindow } from './ari.ts';
import { registeredDomain, setKeyOf } from './identifiers.ts';
import type { Account, Certificate } from './model.ts';
import { pairKey } from './pause.ts';
import type { Identifier } from './problems.ts';
import type { Charge } from './rate-limits.ts';
import type { World } from './world.ts';

const RENEWAL_MS = 120 * 86_400_000;

/** Whether a certificate for exactly these names was issued in the last 120 days, to whatever account. */
function isRenewal(world: World, identifiers: readonly Identifier[]): boolean {
  const issuedAt = world.store.issuedSets.get(setKeyOf(identifiers));
  return issuedAt !== undefined && world.clock.now() - issuedAt <= RENEWAL_MS;
}

function domainsOf(world: World, identifiers: readonly Identifier[]): readonly string[] {
  return [...new Set(identifiers.map((each) => registeredDomain(each, world.settings.publicSuffixes)))];
}

/** The certificate limits are asked here and taken from when a certificate is issued. */
function charges(world: World, account: Account, identifiers: readonly Identifier[]): readonly Charge[] {
  const failures = identifiers.map((each): Charge => {
    return { limit: 'failedAuthorizations', scope: pairKey(account.id, each.value), cost: 0 };
  });
  const set: Charge = { limit: 'certificatesPerExactSet', scope: setKeyOf(identifiers), cost: 0 };
  if (isRenewal(world, identifiers)) return [...failures, set];
  const domains = domainsOf(world, identifiers).map((scope): Charge => {
    return { limit: 'certificatesPerDomain', scope, cost: 0 };
  });
  return [...failures, set, ...domains, { limit: 'newOrdersPerAccount', scope: account.id, cost: 1 }];
}

/**
 * Applies the limits to a new order. An ARI renewal inside its window is exempt from all of them, another renewal of the
 * exact set from orders per account and certificates per domain (letsencrypt.org/docs/rate-limits).
 * @throws AcmeProblem rateLimited
 */
export function chargeNewOrder(
  world: World,
  account: Account,
  identifiers: readonly Identifier[],
  replaced: Certificate | undefined,
): void {
  if (replaced && isInWindow(world, replaced)) return;
  world.limits.charge(charges(world, account, identifiers), world.urls.account(account));
}

/** Takes from the certificate limits what an issuance costs; a renewal costs the exact set alone. */
export function spendIssuance(world: World, certificate: Certificate): void {
  const { identifiers } = certificate.order;
  world.limits.spend('certificatesPerExactSet', setKeyOf(identifiers));
  if (!isRenewal(world, identifiers)) {
    for (const domain of domainsOf(world, identifiers)) world.limits.spend('certificatesPerDomain', domain);
  }
  world.store.issuedSets.set(setKeyOf(identifiers), certificate.issuedAt);
}
