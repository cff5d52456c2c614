import { startDnsServer } from '../../../local/dns/server.ts';
import { type DnsRecord, staticSource, staticZone } from '../../../local/dns/zone-data.ts';

/** DNS for one test file: the zones `example.test` and `other.test`, served to whoever asks. */
export interface Zone {
  /** `ip:port` */
  readonly address: string;
  add(record: DnsRecord): void;
  txt(name: string, value: string): void;
  remove(name: string): void;
  close(): Promise<void>;
}

export async function startZone(port = 0): Promise<Zone> {
  const origins = ['example.test', 'other.test'] as const;
  const zones = origins.map((origin) => staticZone(origin, ['ns.example.test']));
  const holder = (name: string) => zones.find(({ origin }) => name === origin || name.endsWith(`.${origin}`));
  const server = await startDnsServer({ source: staticSource(zones), scope: 'everything', port });
  const add = (record: DnsRecord) => {
    holder(record.name)?.records.push(record);
  };
  return {
    address: server.address,
    add,
    txt: (name, data) => add({ name, type: 'TXT', ttl: 1, data }),
    remove: (name) => {
      for (const { records: held } of zones) {
        for (let at = held.length - 1; at >= 0; at -= 1) if (held[at]?.name === name) held.splice(at, 1);
      }
    },
    close: () => server.close(),
  };
}
