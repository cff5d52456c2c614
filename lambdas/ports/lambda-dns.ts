import { Route53Client } from '@aws-sdk/client-route-53';
import type { ResolverSettings } from '../dns/resolver.ts';
import { jsonEnv } from './environment.ts';

/** Route 53, and the name servers that the stack was configured to ask. */
export function lambdaDns(): { readonly route53: Route53Client; readonly resolver: ResolverSettings } {
  const nameServers = jsonEnv('NAME_SERVERS');
  const resolvers = jsonEnv('DNS_RESOLVERS');
  return {
    route53: new Route53Client({}),
    resolver: {
      ...(isTextMap(nameServers) ? { nameServers } : {}),
      ...(Array.isArray(resolvers) ? { resolvers: resolvers.map(String) } : {}),
    },
  };
}

function isTextMap(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((entry) => typeof entry === 'string')
  );
}
