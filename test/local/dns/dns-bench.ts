import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { type DnsServer, type DnsServerOptions, startDnsServer } from '../../../local/dns/server.ts';

/** A DNS server that ends with the test. */
export async function dnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const server = await startDnsServer(options);
  onTestFinished(() => server.close());
  return server;
}

const run = promisify(execFile);

/** Whether `dig` (Debian: dnsutils) is there. CI must have it; elsewhere its absence is said aloud. */
export async function digThere(): Promise<boolean> {
  const there = await run('dig', ['-v']).then(
    () => true,
    () => false,
  );
  if (there) return true;
  if (process.env.CI === 'true') throw new Error('dig is missing; install it: apt-get install dnsutils');
  console.warn('SKIPPED: the DNS server is not checked with dig. Install it: apt-get install dnsutils');
  return false;
}

/** What dig prints, comments included; one try of two seconds. */
export async function dig(server: DnsServer, ...query: string[]): Promise<string> {
  const { stdout } = await run('dig', ['@127.0.0.1', '-p', String(server.port), '+tries=1', '+time=2', ...query]);
  return stdout;
}
