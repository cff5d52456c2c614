import { appendFileSync, readFileSync } from 'node:fs';
import { type DnsServer, startDnsServer } from '../dns/server.ts';
import { type DnsRecord, soaOf } from '../dns/zone-data.ts';

/** A script for the hooks of certbot, lego, dehydrated and uacme; acme.sh loads it as a plug-in. `$ZONE` is the file. */
const SCRIPT = `add() { echo "add $1 $2" >> "$ZONE"; }
del() { echo "del $1 $2" >> "$ZONE"; }
dns_perennial_add() { add "$1" "$2"; }
dns_perennial_rm() { del "$1" "$2"; }
case "$1" in
  certbot-add) add "_acme-challenge.$CERTBOT_DOMAIN" "$CERTBOT_VALIDATION" ;;
  certbot-del) del "_acme-challenge.$CERTBOT_DOMAIN" "$CERTBOT_VALIDATION" ;;
  present) add "$2" "$3" ;;
  cleanup) del "$2" "$3" ;;
  deploy_challenge) add "_acme-challenge.$2" "$4" ;;
  clean_challenge) del "_acme-challenge.$2" "$4" ;;
  begin) [ "$2" = dns-01 ] || exit 1; add "_acme-challenge.$3" "$5" ;;
  done | failed) del "_acme-challenge.$3" "$5" ;;
esac
`;

/** The script that writes into a zone file. */
export function hookScript(file: string): string {
  return `#!/bin/sh\nZONE='${file}'\n${SCRIPT}`;
}

/**
 * DNS whose TXT records are lines of a file, `add <name> <value>` and `del <name> <value>`, read at each query: clients
 * in other processes publish by appending to it. Any name may be written; one that is not does not exist.
 */
export async function startHookZone(file: string): Promise<DnsServer> {
  appendFileSync(file, '');
  const records = () => readRecords(readFileSync(file, 'utf8'));
  return startDnsServer({
    scope: 'everything',
    source: {
      zones: () => [''],
      at: (_zone, name) => (name === '' ? [soaOf('', 'invalid')] : records().filter((record) => record.name === name)),
      names: () => records().map((record) => record.name),
    },
  });
}

function readRecords(text: string): readonly DnsRecord[] {
  const held = new Map<string, DnsRecord>();
  for (const line of text.split('\n')) {
    const [verb, fullName = '', data = ''] = line.split(' ');
    const name = fullName.replace(/\.$/, '').toLowerCase();
    if (verb === 'add') held.set(`${name} ${data}`, { name, type: 'TXT', ttl: 1, data });
    if (verb === 'del') held.delete(`${name} ${data}`);
  }
  return [...held.values()];
}
