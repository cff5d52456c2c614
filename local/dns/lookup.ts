import type { AliasRecord, DnsRecord, DnsSource, SoaRecord } from './zone-data.ts';
import { soaOf } from './zone-data.ts';

/** A resolver stops following CNAMEs here. */
const MAX_CHAIN = 16;

/** Response codes (RFC 1035 section 4.1.1, RFC 6891 section 9). */
export type Rcode = 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED' | 'BADVERS';

/** What is answered to a question. */
export type DnsAnswer = {
  readonly rcode: Rcode;
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
};

/**
 * How far a server's knowledge reaches. `authoritative` refuses what lies outside its zones and follows a CNAME only within
 * its zone, as name servers on the Internet do. `everything` stands for the whole DNS: it follows CNAMEs over all zones, and a
 * name in none of them does not exist. A CA that is given one server as its resolver needs the latter.
 */
export type Scope = 'authoritative' | 'everything';

/** An answer that says no more than its code. */
export function emptyAnswer(rcode: Rcode): DnsAnswer {
  return { rcode, authoritative: false, answers: [], authorities: [] };
}

type Finding =
  | { readonly kind: 'records'; readonly records: readonly DnsRecord[] }
  | { readonly kind: 'alias'; readonly record: AliasRecord }
  | { readonly kind: 'delegated'; readonly records: readonly DnsRecord[] }
  | { readonly kind: 'none'; readonly exists: boolean };

/** Answers a question from the source (RFC 1034 section 4.3.2). `type` is a mnemonic; `ANY` takes all. */
export function lookUp(source: DnsSource, scope: Scope, name: string, type: string): DnsAnswer {
  const firstZone = zoneOf(source, name);
  const chain: AliasRecord[] = [];
  let asked = name;
  while (chain.length <= MAX_CHAIN) {
    const zone = zoneOf(source, asked);
    const outside = zone === undefined || (scope === 'authoritative' && zone !== firstZone);
    if (outside) return beyondZones(scope, chain);
    const finding = find(source, zone, asked, type);
    if (finding.kind !== 'alias') return answerOf(source, zone, chain, finding);
    chain.push(finding.record);
    asked = finding.record.data;
  }
  return emptyAnswer('SERVFAIL');
}

/** The longest zone that holds the name. */
function zoneOf(source: DnsSource, name: string): string | undefined {
  const holding = [...source.zones()].filter((zone) => isWithin(name, zone));
  return holding.sort((one, other) => other.length - one.length)[0];
}

function isWithin(name: string, zone: string): boolean {
  return zone === '' || name === zone || name.endsWith(`.${zone}`);
}

function find(source: DnsSource, zone: string, name: string, type: string): Finding {
  const cut = delegationAbove(source, zone, name);
  if (cut.length > 0) return { kind: 'delegated', records: cut };
  const here = recordsAt(source, zone, name);
  if (here === undefined) return { kind: 'none', exists: false };
  const records = here.filter((record) => type === 'ANY' || record.type === type);
  if (records.length > 0) return { kind: 'records', records };
  const alias = here.find((record) => record.type === 'CNAME');
  return alias ? { kind: 'alias', record: alias } : { kind: 'none', exists: true };
}

/** The NS set of a zone cut at or above the name, below the zone's own name. */
function delegationAbove(source: DnsSource, zone: string, name: string): readonly DnsRecord[] {
  for (let at = name; at !== zone && isWithin(at, zone); at = parentOf(at)) {
    const cut = source.at(zone, at).filter((record) => record.type === 'NS');
    if (cut.length > 0) return cut;
  }
  return [];
}

/** Records at the name, or from the wildcard that covers it (RFC 4592); undefined when the name does not exist. */
function recordsAt(source: DnsSource, zone: string, name: string): readonly DnsRecord[] | undefined {
  const own = source.at(zone, name);
  if (own.length > 0) return own;
  const names = [...source.names(zone)];
  const exists = (asked: string) => names.some((known) => isWithin(known, asked));
  if (exists(name)) return [];
  let encloser = parentOf(name);
  while (encloser !== zone && !exists(encloser)) encloser = parentOf(encloser);
  const wild = source.at(zone, `*.${encloser}`);
  return wild.length > 0 ? wild.map((record) => ({ ...record, name })) : undefined;
}

function parentOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}

function answerOf(
  source: DnsSource,
  zone: string,
  chain: readonly AliasRecord[],
  finding: Exclude<Finding, { kind: 'alias' }>,
): DnsAnswer {
  const authoritative = chain.length > 0 || finding.kind !== 'delegated';
  if (finding.kind === 'records') {
    return { rcode: 'NOERROR', authoritative, answers: [...chain, ...finding.records], authorities: [] };
  }
  if (finding.kind === 'delegated') {
    return { rcode: 'NOERROR', authoritative, answers: chain, authorities: finding.records };
  }
  const rcode = finding.exists ? 'NOERROR' : 'NXDOMAIN';
  return { rcode, authoritative, answers: chain, authorities: source.at(zone, zone).filter(isSoa) };
}

function isSoa(record: DnsRecord): record is SoaRecord {
  return record.type === 'SOA';
}

/** A name that lies in none of the zones, asked for or reached by CNAMEs. */
function beyondZones(scope: Scope, answers: readonly AliasRecord[]): DnsAnswer {
  if (scope === 'everything') {
    return { rcode: 'NXDOMAIN', authoritative: true, answers, authorities: [soaOf('', 'invalid')] };
  }
  if (answers.length === 0) return emptyAnswer('REFUSED');
  return { rcode: 'NOERROR', authoritative: true, answers, authorities: [] };
}
