import type { Route53Client } from '@aws-sdk/client-route-53';
import type { Clock, DnsPublisher, Propagation } from '../core/ports.ts';
import { createPropagation } from '../dns/propagation.ts';
import type { ResolverSettings } from '../dns/resolver.ts';
import { createResolver } from '../dns/resolver.ts';
import { createRoute53Publisher } from '../dns/route53-publisher.ts';

/** What DNS needs: the client, and which name servers to ask. */
export type DnsParts = {
  readonly route53: Route53Client;
  readonly resolver: ResolverSettings;
  readonly clock: Clock;
  readonly random: () => number;
};

/** Publishing to Route 53, and looking at the authoritative servers. */
export function buildDnsPorts({ route53, resolver: settings, clock, random }: DnsParts): {
  readonly dns: DnsPublisher;
  readonly propagation: Propagation;
} {
  const resolver = createResolver(settings);
  return {
    dns: createRoute53Publisher({ client: route53, resolver, clock, random }),
    propagation: createPropagation({ resolver, clock }),
  };
}
