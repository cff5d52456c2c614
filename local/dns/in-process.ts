import { type DnsFault, DnsFaults } from './faults.ts';
import { type DnsAnswer, emptyAnswer, lookUp } from './lookup.ts';
import type { DnsRecord, DnsSource } from './zone-data.ts';

/** A question that got no records; `code` is node's (`ENOTFOUND`, `ENODATA`, `ESERVFAIL`, `EREFUSED`, `ETIMEOUT`). */
export class NoRecords extends Error {
  readonly code: string;

  constructor(code: string, type: string, name: string) {
    super(`query${type} ${code} ${name}`);
    this.name = 'NoRecords';
    this.code = code;
  }
}

/** The whole DNS without sockets: the same source, faults and rules as the server's, with node's answers. */
export type InProcessDns = {
  readonly faults: DnsFaults;
  /**
   * The records of a type at a name, after CNAMEs unless the CNAME itself is asked for; `server` may have a fault of its own,
   * set as `@server`. Throws {@link NoRecords}.
   */
  readonly records: <Type extends DnsRecord['type']>(
    type: Type,
    name: string,
    server?: string,
  ) => readonly RecordOfType<Type>[];
};

type RecordOfType<Type extends DnsRecord['type']> = Extract<DnsRecord, { readonly type: Type }>;

/** Reads its records from the source at each question; `now` in milliseconds since the epoch, for values that lag. */
export function createInProcessDns(dnsSource: DnsSource, now: () => number): InProcessDns {
  const faults = new DnsFaults();
  const source = faults.lagging(dnsSource, now);
  return {
    faults,
    records: (type, name, server) => {
      const asked = name.toLowerCase().replace(/\.$/, '');
      const fault = (server === undefined ? undefined : faults.at(server)) ?? faults.of(asked);
      const { rcode, answers } = answerTo(source, fault?.kind, asked, type);
      const found = answers.filter((record): record is RecordOfType<typeof type> => record.type === type);
      if (found.length > 0) return found;
      throw new NoRecords(CODES[rcode] ?? `E${rcode}`, type, name);
    },
  };
}

const CODES: Readonly<Record<string, string>> = { NOERROR: 'ENODATA', NXDOMAIN: 'ENOTFOUND' };

function answerTo(
  source: DnsSource,
  fault: DnsFault['kind'] | undefined,
  name: string,
  type: DnsRecord['type'],
): DnsAnswer {
  if (fault === 'drop') throw new NoRecords('ETIMEOUT', type, name);
  if (fault === 'servfail') return emptyAnswer('SERVFAIL');
  if (fault === 'refused') return emptyAnswer('REFUSED');
  return lookUp(source, 'everything', name, type);
}
