import {
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { dnsName } from '../aws/route53-names.ts';
import { txtStrings } from '../aws/route53-values.ts';
import { type DnsRecord, type DnsSource, type StaticZone, staticSource, staticZone } from '../dns/zone-data.ts';

/** Hosted zones as a DNS server serves them, as of the last look. */
export interface PolledZones {
  readonly source: DnsSource;
  /** Ends the polling; the look under way is waited for. */
  stop(): Promise<void>;
}

const POLL_MS = 250;

function valuesOf(set: ResourceRecordSet): string[] {
  return (set.ResourceRecords ?? []).map(({ Value = '' }) => Value);
}

function textsOf(set: ResourceRecordSet): DnsRecord[] {
  const common = { name: dnsName(set.Name ?? ''), type: 'TXT', ttl: set.TTL ?? 0 } as const;
  return valuesOf(set).map((value) => ({ ...common, data: txtStrings(value).join('') }));
}

/** Of a zone its name servers and its TXT sets: nothing else matters to a CA that validates by DNS. */
async function readZone(client: Route53Client, id: string, name: string): Promise<StaticZone> {
  const page = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: id }));
  if (page.IsTruncated) throw new Error(`Route 53's zone ${name} has more record sets than one page holds`);
  const sets = page.ResourceRecordSets ?? [];
  const servers = sets.filter((set) => set.Type === 'NS' && dnsName(set.Name ?? '') === name).flatMap(valuesOf);
  const [first, ...others] = servers.map(dnsName);
  if (first === undefined) throw new Error(`Route 53's zone ${name} has no NS records`);
  return staticZone(name, [first, ...others], sets.filter((set) => set.Type === 'TXT').flatMap(textsOf));
}

async function readZones(client: Route53Client): Promise<StaticZone[]> {
  const { HostedZones: zones = [] } = await client.send(new ListHostedZonesCommand({}));
  return Promise.all(zones.map(({ Id = '', Name = '' }) => readZone(client, Id, dnsName(Name))));
}

async function readAccounts(clients: readonly Route53Client[]): Promise<DnsSource> {
  return staticSource((await Promise.all(clients.map(readZones))).flat());
}

/**
 * Looks at all hosted zones of some accounts four times a second: what a name server is told by Route 53 itself, it has to
 * be told by asking here.
 */
export async function pollRoute53(...clients: readonly Route53Client[]): Promise<PolledZones> {
  let current = await readAccounts(clients);
  const ended = new AbortController();
  const polling = (async () => {
    while (!ended.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      // An answer that fails is asked for again: the account may be busy, and the last look still stands.
      current = await readAccounts(clients).catch(() => current);
    }
  })();
  return {
    source: {
      zones: () => current.zones(),
      at: (zone, name) => current.at(zone, name),
      names: (zone) => current.names(zone),
    },
    stop: () => {
      ended.abort();
      return polling;
    },
  };
}

/** Names that have TXT values, in all zones. */
export function challengesIn(source: DnsSource): string[] {
  return [...source.zones()].flatMap((zone) =>
    [...source.names(zone)].filter((name) => source.at(zone, name).some(({ type }) => type === 'TXT')),
  );
}
