import { registeredDomains } from '../../infra/config/registered-domains.ts';
import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import type { CaLimits } from '../../lambdas/core/rate-limits.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';

/** Certificates under each of the large registered domains: more than Let's Encrypt issues for one in a week. */
const LARGE = 60;

/** Certificates under each of the other registered domains, in turn. */
const SMALL: readonly number[] = [1, 2, 5];

/** One in so many has a target: pushes and their weekly proofs ask nothing of the CA, and would be most of the work. */
const SERVED = 20;

/** One certificate of the fleet, before it is declared at a CA. */
export type Member = {
  readonly name: string;
  readonly domains: readonly string[];
  /** `classic` lives for 90 days, `tlsserver` for 45. */
  readonly profile: 'classic' | 'tlsserver';
};

/** So many certificates: a fifth of them, but at least one domain's worth, under large registered domains. */
export function fleetOf(count: number, large = LARGE): readonly Member[] {
  const members: Member[] = [];
  for (let domain = 0; members.length < count; domain += 1) {
    const isLarge = domain * large < Math.max(large, count / 5);
    const size = isLarge ? large : (SMALL[domain % SMALL.length] ?? 1);
    const zone = `zone-${domain}.test`;
    for (let at = 0; at < size && members.length < count; at += 1) members.push(memberOf(members.length, at, zone));
  }
  return members;
}

function memberOf(index: number, at: number, zone: string): Member {
  const host = `host-${at}.${zone}`;
  const domains = [[host], [host, `www.${host}`], [`*.${host}`, host]][index % 3] ?? [host];
  return { name: `certificate-${index}`, domains, profile: index % 2 === 0 ? 'classic' : 'tlsserver' };
}

/** The zones that hold the fleet's names. */
export function zonesOf(members: readonly Member[]): readonly string[] {
  return registeredDomains(members.flatMap(({ domains }) => domains));
}

/** The fleet as it is declared: at the account's CA, with what is known here of its limits. */
export function declareFleet(
  account: VirtualAccount,
  members: readonly Member[],
  limits: CaLimits | undefined,
): readonly CertificateDeclaration[] {
  return members.map(({ name, domains, profile }, index) => {
    const declared = account.declaration(name, domains);
    const [ca] = declared.cas;
    return {
      ...declared,
      cas: [{ ...ca, profile, ...(limits === undefined ? {} : { limits }) }],
      registeredDomains: registeredDomains(domains),
      targets: index % SERVED === 0 ? declared.targets : [],
    };
  });
}
