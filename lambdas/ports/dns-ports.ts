import type { Route53Client } from '@aws-sdk/client-route-53';
import type { AssumableRole, DeclaredZones } from '../core/dns-zones.ts';
import type { Clock, DnsPublisher, Propagation } from '../core/ports.ts';
import { createPropagation } from '../dns/propagation.ts';
import type { ResolverSettings } from '../dns/resolver.ts';
import { createResolver } from '../dns/resolver.ts';
import { createRoute53Publisher } from '../dns/route53-publisher.ts';

/** What DNS needs: clients of the accounts that have zones, and which name servers to ask. */
export type DnsParts = {
  readonly route53: Route53Client;
  readonly route53As: (role: AssumableRole) => Route53Client;
  readonly declaredZones: DeclaredZones;
  readonly resolver: ResolverSettings;
  readonly clock: Clock;
  readonly random: () => number;
};

/** Publishing to Route 53, and looking at the authoritative servers. */
export function buildDnsPorts(parts: DnsParts): {
  readonly dns: DnsPublisher;
  readonly propagation: Propagation;
} {
  const { clock, random } = parts;
  const resolver = createResolver(parts.resolver);
  return {
    dns: createRoute53Publisher({
      client: parts.route53,
      clientAs: parts.route53As,
      declared: parts.declaredZones,
      resolver,
      clock,
      random,
    }),
    propagation: createPropagation({ resolver, clock }),
  };
}
