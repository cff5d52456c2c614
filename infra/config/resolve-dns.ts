import { domainToASCII } from 'node:url';
import type { z } from 'zod';
import type { DeclaredZone } from '../../lambdas/core/dns-zones.ts';
import type { ConfigPath, Problems } from './problems.ts';
import type { DnsSettings } from './resolved.ts';
import type { settingsSchema } from './schema.ts';

type DnsInput = NonNullable<z.output<typeof settingsSchema>['dns']>;
type ZoneInput = NonNullable<DnsInput['zones']>[number];

/** A name that may be a zone or hold a TXT value: underscores are allowed. */
const NAME = /^(?=.{1,253}$)(?:[a-z0-9_-]{1,63}\.)+[a-z0-9_-]{1,63}$/;
/** Lambdas are told of zones by a variable of their environment, which holds 4 kB in all. */
const MOST_ZONE_BYTES = 3000;

/** Zones and delegations as names are compared; addresses with their ports. */
export function resolveDns(dns: DnsInput | undefined, problems: Problems): DnsSettings {
  const zones = resolveZones(dns?.zones ?? [], ['dns', 'zones'], problems);
  const delegations = resolveDelegations(dns?.delegations ?? [], ['dns', 'delegations'], problems);
  return {
    ...(zones.length > 0 && { zones }),
    ...(delegations.length > 0 && { delegations }),
    ...(dns?.nameServers && { nameServers: dns.nameServers }),
    ...(dns?.resolvers && { resolvers: dns.resolvers.map(withPort) }),
  };
}

function resolveZones(inputs: readonly ZoneInput[], path: ConfigPath, problems: Problems): readonly DeclaredZone[] {
  const zones = inputs.map((input, at) => resolveZone(input, [...path, at], problems));
  for (const [at, { name }] of zones.entries()) {
    const isFirst = zones.findIndex((zone) => zone.name === name) === at;
    if (!isFirst) problems.add([...path, at, 'name'], name, 'name each zone once: the one that DNS delegates to');
  }
  const bytes = JSON.stringify(zones).length;
  if (bytes > MOST_ZONE_BYTES) {
    const remedy = `declare fewer, in ${MOST_ZONE_BYTES} bytes; zones of the stack's account are found by themselves`;
    problems.add(path, `${zones.length} zones of ${bytes} bytes`, remedy);
  }
  return zones;
}

function resolveZone(
  { name: written, hostedZoneId, roleArn, externalId }: ZoneInput,
  path: ConfigPath,
  problems: Problems,
): DeclaredZone {
  const name = nameOf(written);
  if (name === undefined) problems.add([...path, 'name'], written, 'write the name of a hosted zone');
  if (externalId !== undefined && roleArn === undefined) {
    problems.add([...path, 'externalId'], externalId, 'add the roleArn whose trust policy asks for it, or remove it');
  }
  const role = roleArn === undefined ? {} : { role: { roleArn, ...(externalId !== undefined && { externalId }) } };
  return { name: name ?? written, zoneId: hostedZoneId, ...role };
}

function resolveDelegations(patterns: readonly string[], path: ConfigPath, problems: Problems): readonly string[] {
  const resolved = patterns.map((written, at) => {
    const wildcard = written.startsWith('*.');
    const name = nameOf(wildcard ? written.slice(2) : written);
    if (name === undefined)
      problems.add([...path, at], written, "write a name of two labels or more, or '*.' before one");
    return wildcard ? `*.${name}` : `${name}`;
  });
  return [...new Set(resolved)].sort();
}

/** Lower-case A-labels without a trailing dot: how Route 53's condition keys write a name of these characters. */
function nameOf(written: string): string | undefined {
  const name = domainToASCII(written.replace(/\.$/, ''));
  return NAME.test(name) ? name : undefined;
}

/** `ip:port` of an address that may lack its port. */
function withPort(address: string): string {
  return /^(\[.+\]|[^:]+):\d+$/.test(address)
    ? address
    : `${address.includes(':') && !address.startsWith('[') ? `[${address}]` : address}:53`;
}
