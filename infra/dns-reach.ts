import type { DeclaredZones } from '../lambdas/core/dns-zones.ts';
import type { ResolvedConfig } from './config/resolved.ts';

/** Where the challenges of a configuration may be published: zones, and names beside `_acme-challenge.*`. */
export type DnsReach = DeclaredZones & {
  /** Patterns of names that CNAMEs of challenges lead to, as Route 53's condition keys write names. */
  readonly delegations: readonly string[];
};

/**
 * The declared zones are all there is when the challenges of all certificates and all delegations lie in them; else any zone
 * of the account may have to be written to.
 */
export function dnsReachOf({ declarations, dns }: ResolvedConfig): DnsReach {
  const { zones = [], delegations = [] } = dns;
  const challenges = declarations.flatMap(({ domains }) =>
    domains.map((domain) => `_acme-challenge.${domain.replace(/^\*\./, '')}`),
  );
  const targets = delegations.map((pattern) => pattern.replace(/^\*\./, ''));
  const isDeclared = (name: string) => zones.some((zone) => name === zone.name || name.endsWith(`.${zone.name}`));
  return { zones, delegations, only: zones.length > 0 && [...challenges, ...targets].every(isDeclared) };
}
