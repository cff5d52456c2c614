import { Route53Client } from '@aws-sdk/client-route-53';
import { type DeclaredZone, type DeclaredZones, NO_DECLARED_ZONES } from '../core/dns-zones.ts';
import { assumedRole } from './assumed-role.ts';
import type { DnsParts } from './dns-ports.ts';
import { jsonEnv } from './environment.ts';

/** Route 53 in this account and others, and the name servers that the stack was configured to ask. */
export function lambdaDns(): Pick<DnsParts, 'route53' | 'route53As' | 'declaredZones' | 'resolver'> {
  const nameServers = jsonEnv('NAME_SERVERS');
  const resolvers = jsonEnv('DNS_RESOLVERS');
  return {
    route53: new Route53Client({}),
    route53As: (role) => new Route53Client({ credentials: assumedRole(role, 'dns.zones') }),
    declaredZones: declaredZones(),
    resolver: {
      ...(isTextMap(nameServers) ? { nameServers } : {}),
      ...(Array.isArray(resolvers) ? { resolvers: resolvers.map(String) } : {}),
    },
  };
}

function declaredZones(): DeclaredZones {
  const declared = jsonEnv('DNS_ZONES') ?? NO_DECLARED_ZONES;
  if (typeof declared === 'object' && declared !== null && 'zones' in declared && 'only' in declared) {
    const { zones, only } = declared;
    if (Array.isArray(zones) && zones.every(isZone)) return { zones, only: only === true };
  }
  throw new Error('the environment variable DNS_ZONES is not as this version writes it: deploy the stack again');
}

function isZone(value: unknown): value is DeclaredZone {
  return typeof value === 'object' && value !== null && 'name' in value && 'zoneId' in value;
}

function isTextMap(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((entry) => typeof entry === 'string')
  );
}
