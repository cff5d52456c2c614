/** Numbers of a zone's SOA record (RFC 1035 section 3.3.13), in seconds where they are times. */
export type SoaData = {
  readonly mname: string;
  readonly rname: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
};

/** A CAA property (RFC 8659 section 4.1); flag 128 makes it critical. */
export type CaaData = { readonly flags: number; readonly tag: 'issue' | 'issuewild' | 'iodef'; readonly value: string };

type RecordOf<Type extends string, Data> = {
  /** Lower case, without trailing dot. */
  readonly name: string;
  readonly type: Type;
  /** Seconds. */
  readonly ttl: number;
  readonly data: Data;
};

export type SoaRecord = RecordOf<'SOA', SoaData>;
export type AliasRecord = RecordOf<'CNAME', string>;

/** A resource record the server can serve. */
export type DnsRecord =
  | SoaRecord
  | AliasRecord
  | RecordOf<'NS' | 'A' | 'AAAA', string>
  /** The value; the server cuts it into strings of at most 255 bytes (RFC 1035 section 3.3.14). */
  | RecordOf<'TXT', string>
  | RecordOf<'CAA', CaaData>;

/** Where the server reads its records, at each query anew. Names are lower case without trailing dot. */
export interface DnsSource {
  /** Names of the zones it is authoritative for. */
  zones(): Iterable<string>;
  /** All records at a name of a zone; SOA and NS at the zone's own name are among them. */
  at(zone: string, name: string): readonly DnsRecord[];
  /** All names of a zone that have records. */
  names(zone: string): Iterable<string>;
}

/** A zone with fixed records. The list may be changed while the server runs. */
export type StaticZone = { readonly origin: string; readonly records: DnsRecord[] };

/** A zone that has its SOA and NS records and those given. */
export function staticZone(
  origin: string,
  nameServers: readonly [string, ...string[]],
  records: readonly DnsRecord[] = [],
): StaticZone {
  const ns = nameServers.map((data): DnsRecord => ({ name: origin, type: 'NS', ttl: 60, data }));
  return { origin, records: [soaOf(origin, nameServers[0]), ...ns, ...records] };
}

/** The SOA record of a zone; its negative answers may be cached for a second. */
export function soaOf(origin: string, mname: string): SoaRecord {
  const times = { refresh: 7200, retry: 900, expire: 1_209_600, minimum: 1 };
  return { name: origin, type: 'SOA', ttl: 1, data: { mname, rname: 'hostmaster.invalid', serial: 1, ...times } };
}

/** A source made of fixed zones. */
export function staticSource(zones: readonly StaticZone[]): DnsSource {
  const recordsOf = (origin: string) => zones.filter((zone) => zone.origin === origin).flatMap((zone) => zone.records);
  return {
    zones: () => zones.map((zone) => zone.origin),
    at: (zone, name) => recordsOf(zone).filter((record) => record.name === name),
    names: (zone) => recordsOf(zone).map((record) => record.name),
  };
}

/** Several sources as one; a zone that two of them have is served from the first. */
export function joinSources(...sources: readonly DnsSource[]): DnsSource {
  const holder = (zone: string) => sources.find((source) => [...source.zones()].includes(zone));
  return {
    zones: () => sources.flatMap((source) => [...source.zones()]),
    at: (zone, name) => holder(zone)?.at(zone, name) ?? [],
    names: (zone) => holder(zone)?.names(zone) ?? [],
  };
}
