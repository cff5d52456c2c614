import { appendFileSync, readFileSync } from 'node:fs';
import { type DnsServer, startDnsServer } from '../../../local/dns/server.ts';
import { type DnsRecord, joinSources, staticSource, staticZone } from '../../../local/dns/zone-data.ts';

/**
 * DNS for clients in other processes: their hooks append `add <name> <value>` and `del <name> <value>` lines to a file,
 * which is read at each query. Zone `example.test`.
 */
export async function startFileZone(file: string): Promise<DnsServer> {
  appendFileSync(file, '');
  const fixed = staticSource([staticZone('example.test', ['ns.example.test'])]);
  const records = () => textRecords(readFileSync(file, 'utf8'));
  const hooked = {
    zones: () => [],
    at: (_zone: string, name: string) => records().filter((record) => record.name === name),
    names: () => records().map((record) => record.name),
  };
  return startDnsServer({
    scope: 'everything',
    source: {
      ...joinSources(fixed),
      at: (zone, name) => [...fixed.at(zone, name), ...hooked.at(zone, name)],
      names: (zone) => [...fixed.names(zone), ...hooked.names()],
    },
  });
}

function textRecords(text: string): readonly DnsRecord[] {
  const held = new Set<string>();
  for (const line of text.split('\n')) {
    const [verb, name = '', value = ''] = line.split(' ');
    const key = `${name.replace(/\.$/, '').toLowerCase()} ${value}`;
    if (verb === 'add') held.add(key);
    if (verb === 'del') held.delete(key);
  }
  return [...held].map((key): DnsRecord => {
    const [name = '', data = ''] = key.split(' ');
    return { name, type: 'TXT', ttl: 1, data };
  });
}
