import { describe, expect, it } from 'vitest';
import { type DnsRecord, staticSource, staticZone } from '../../../local/dns/zone-data.ts';
import { dig, digThere, dnsServer } from './dns-bench.ts';

const there = await digThere();

const zone = staticZone(
  'example.com',
  ['ns1.example.net', 'ns2.example.net'],
  [
    { name: 'example.com', type: 'CAA', ttl: 60, data: { flags: 128, tag: 'issue', value: 'ca.example; a=1' } },
    { name: 'www.example.com', type: 'A', ttl: 60, data: '192.0.2.1' },
    { name: 'www.example.com', type: 'AAAA', ttl: 60, data: '2001:db8::1' },
    { name: 'alias.example.com', type: 'CNAME', ttl: 60, data: 'www.example.com' },
    { name: 'long.example.com', type: 'TXT', ttl: 60, data: `${'a'.repeat(255)}${'b'.repeat(10)}` },
    ...Array.from(
      { length: 30 },
      (_, i): DnsRecord => ({ name: 'many.example.com', type: 'TXT', ttl: 60, data: `value ${i} ${'x'.repeat(40)}` }),
    ),
  ],
);
const start = () => dnsServer({ source: staticSource([zone]) });

describe.runIf(there)('the DNS server, asked by dig', () => {
  it('answers without a warning on UDP and TCP', async () => {
    const server = await start();
    for (const transport of ['+notcp', '+tcp']) {
      const answer = await dig(server, transport, '+norecurse', 'www.example.com', 'A');
      expect(answer).toContain('status: NOERROR');
      expect(answer).toContain('flags: qr aa;');
      expect(answer).toMatch(/www\.example\.com\.\s+60\s+IN\s+A\s+192\.0\.2\.1/);
      expect(answer).not.toMatch(/WARNING|malformed|extra bytes/i);
    }
  });

  it('echoes EDNS with its own size, and leaves it out where the client has none', async () => {
    const server = await start();
    expect(await dig(server, 'www.example.com', 'A')).toContain('EDNS: version: 0, flags:; udp: 1232');
    expect(await dig(server, '+noedns', 'www.example.com', 'A')).not.toContain('EDNS');
    expect(await dig(server, '+edns=7', '+noednsneg', 'www.example.com', 'A')).toContain('status: BADVERS');
  });

  it('cuts a long answer over UDP and gives it whole over TCP', async () => {
    const server = await start();
    const cut = await dig(server, '+ignore', 'many.example.com', 'TXT');
    expect(cut).toMatch(/flags: qr aa tc rd;.* ANSWER: 0,/);
    const whole = await dig(server, 'many.example.com', 'TXT');
    expect(whole).toContain('ANSWER: 30,');
    expect(whole).toContain('(TCP)');
  });

  it('cuts at 512 bytes for a client without EDNS only', async () => {
    const server = await start();
    expect(await dig(server, '+ignore', '+noedns', 'long.example.com', 'TXT')).toContain('ANSWER: 1,');
    const twenty = staticZone(
      'example.net',
      ['ns1.example.net'],
      [
        ...Array.from(
          { length: 10 },
          (_, i): DnsRecord => ({ name: 'example.net', type: 'TXT', ttl: 60, data: `${i} ${'y'.repeat(60)}` }),
        ),
      ],
    );
    const other = await dnsServer({ source: staticSource([twenty]) });
    expect(await dig(other, '+ignore', '+noedns', 'example.net', 'TXT')).toMatch(/flags: qr aa tc/);
    expect(await dig(other, '+ignore', '+bufsize=1232', 'example.net', 'TXT')).toContain('ANSWER: 10,');
  });

  it('cuts TXT values into strings of 255 bytes', async () => {
    const server = await start();
    const answer = await dig(server, '+short', 'long.example.com', 'TXT');
    expect(answer.trim()).toBe(`"${'a'.repeat(255)}" "${'b'.repeat(10)}"`);
  });

  it('gives SOA, NS, CAA and IPv6 addresses', async () => {
    const server = await start();
    expect(await dig(server, '+short', 'example.com', 'SOA')).toMatch(/^ns1\.example\.net\. hostmaster\.invalid\. 1 /);
    expect((await dig(server, '+short', 'example.com', 'NS')).trim().split('\n')).toEqual([
      'ns1.example.net.',
      'ns2.example.net.',
    ]);
    expect((await dig(server, '+short', 'example.com', 'CAA')).trim()).toBe('128 issue "ca.example; a=1"');
    expect((await dig(server, '+short', 'www.example.com', 'AAAA')).trim()).toBe('2001:db8::1');
  });

  it('follows a CNAME inside its zone', async () => {
    const server = await start();
    const answer = await dig(server, 'alias.example.com', 'A');
    expect(answer).toMatch(/alias\.example\.com\.\s+60\s+IN\s+CNAME\s+www\.example\.com\./);
    expect(answer).toContain('192.0.2.1');
  });

  it('tells NXDOMAIN and NODATA with the SOA, and refuses what is not its own', async () => {
    const server = await start();
    for (const [query, status] of [
      [['none.example.com', 'A'], 'NXDOMAIN'],
      [['www.example.com', 'TXT'], 'NOERROR'],
    ] as const) {
      const answer = await dig(server, ...query);
      expect(answer).toContain(`status: ${status}`);
      expect(answer).toMatch(/AUTHORITY SECTION:\nexample\.com\.\s+1\s+IN\s+SOA/);
    }
    expect(await dig(server, 'www.example.org', 'A')).toContain('status: REFUSED');
    expect(await dig(server, '-c', 'CH', 'www.example.com', 'TXT')).toContain('status: REFUSED');
    expect(await dig(server, '+opcode=NOTIFY', 'example.com', 'SOA')).toContain('status: NOTIMP');
  });

  it('keeps the case in which it was asked', async () => {
    const server = await start();
    const answer = await dig(server, 'wWw.ExAmPlE.cOm', 'A');
    expect(answer).toMatch(/\nwWw\.ExAmPlE\.cOm\.\s+60\s+IN\s+A\s+192\.0\.2\.1/);
  });
});
