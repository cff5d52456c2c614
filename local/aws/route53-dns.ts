import type { DnsRecord, DnsSource, SoaData } from '../dns/zone-data.ts';
import type { Route53Account } from './route53.ts';
import type { RecordSet } from './route53-batch.ts';
import { dnsName, normalizedName } from './route53-names.ts';
import { caaParts, txtStrings } from './route53-values.ts';

const TYPES = ['A', 'AAAA', 'CAA', 'CNAME', 'NS', 'SOA', 'TXT'] as const;

/**
 * The public zones of accounts as a DNS server's source. A change is shown from the instant on when GetChange says INSYNC.
 * Of several zones of one name that one is shown which was made first, as if the parent delegated to it.
 */
export function route53Records(...accounts: readonly Route53Account[]): DnsSource {
  const publicZones = () =>
    accounts.flatMap((account) =>
      account.zones.filter((zone) => !zone.isPrivate).map((zone) => ({ account, zone, name: dnsName(zone.name) })),
    );
  const shown = (name: string): ReadonlyMap<string, RecordSet> => {
    const found = publicZones().find((candidate) => candidate.name === name);
    return found?.zone.shownAt(found.account.now()) ?? new Map<string, RecordSet>();
  };
  return {
    zones: () => new Set(publicZones().map(({ name }) => name)),
    names: (zone) => [...shown(zone).values()].map((set) => dnsName(set.name)),
    at: (zone, name) => {
      const sets = shown(zone);
      const normalized = nameOrNone(name);
      return TYPES.flatMap((type) => recordsOf(sets.get(`${normalized} ${type}`)));
    },
  };
}

/** A query may ask for what can be no name of a zone. */
function nameOrNone(name: string): string {
  try {
    return normalizedName(name);
  } catch {
    return '';
  }
}

function recordsOf(set: RecordSet | undefined): readonly DnsRecord[] {
  return set === undefined ? [] : set.values.map((value) => recordOf(set, value));
}

function recordOf(set: RecordSet, value: string): DnsRecord {
  const common = { name: dnsName(set.name), ttl: set.ttl };
  switch (set.type) {
    case 'TXT':
      return { ...common, type: set.type, data: txtStrings(value).join('') };
    case 'CAA':
      return { ...common, type: set.type, data: caaParts(value) };
    case 'SOA':
      return { ...common, type: set.type, data: soaParts(value) };
    case 'CNAME':
    case 'NS':
      return { ...common, type: set.type, data: dnsName(value.toLowerCase()) };
    default:
      return { ...common, type: set.type, data: value };
  }
}

function soaParts(value: string): SoaData {
  const [mname = '', rname = '', ...numbers] = value.split(' ');
  const [serial = 1, refresh = 0, retry = 0, expire = 0, minimum = 0] = numbers.map(Number);
  return { mname: dnsName(mname), rname: dnsName(rname), serial, refresh, retry, expire, minimum };
}
