import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import * as dnsPacket from 'dns-packet';
import { describe, expect, it } from 'vitest';
import type { DnsServer, ServedQuery } from '../../../local/dns/server.ts';
import { type DnsRecord, type DnsSource, joinSources, staticSource, staticZone } from '../../../local/dns/zone-data.ts';
import { dnsServer } from './dns-bench.ts';

const txt = (name: string, data: string): DnsRecord => ({ name, type: 'TXT', ttl: 60, data });
const a = (name: string, data: string): DnsRecord => ({ name, type: 'A', ttl: 60, data });
const cname = (name: string, data: string): DnsRecord => ({ name, type: 'CNAME', ttl: 60, data });

function source(...records: DnsRecord[]): DnsSource {
  return staticSource([staticZone('example.com', ['ns1.example.com'], records)]);
}

function resolver(server: DnsServer): Resolver {
  const asked = new Resolver({ timeout: 300, tries: 1 });
  asked.setServers([server.address]);
  return asked;
}

async function code(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => value,
    (error: { code: string }) => error.code,
  );
}

describe('the DNS server, asked by node:dns', () => {
  it('answers the types that Perennial asks for', async () => {
    const server = await dnsServer({ source: source(txt('a.example.com', 'v'), a('a.example.com', '192.0.2.1')) });
    const asked = resolver(server);
    expect(await asked.resolveTxt('a.example.com')).toEqual([['v']]);
    expect(await asked.resolve4('a.example.com')).toEqual(['192.0.2.1']);
    expect(await asked.resolveNs('example.com')).toEqual(['ns1.example.com']);
    expect(await asked.resolveSoa('example.com')).toMatchObject({ nsname: 'ns1.example.com', minttl: 1 });
  });

  it('gives 60 values of one name, over TCP after a truncated answer', async () => {
    const values = Array.from({ length: 60 }, (_, i) => `value-${i}-${'x'.repeat(43)}`);
    const queries: ServedQuery[] = [];
    const server = await dnsServer({
      source: source(...values.map((value) => txt('many.example.com', value))),
      onQuery: (query) => queries.push(query),
    });
    expect((await resolver(server).resolveTxt('many.example.com')).flat()).toEqual(values);
    expect(queries.map((query) => query.transport)).toEqual(['udp', 'tcp']);
  });

  it('tells a name that does not exist, a name without the type, an empty non-terminal and a foreign name apart', async () => {
    const server = await dnsServer({ source: source(a('deep.under.example.com', '192.0.2.1')) });
    const asked = resolver(server);
    expect(await code(asked.resolveTxt('no.example.com'))).toBe('ENOTFOUND');
    expect(await code(asked.resolveTxt('deep.under.example.com'))).toBe('ENODATA');
    expect(await code(asked.resolveTxt('under.example.com'))).toBe('ENODATA');
    expect(await code(asked.resolveTxt('example.org'))).toBe('EREFUSED');
  });

  it('serves the longest zone that holds a name', async () => {
    const parent = staticZone('example.com', ['ns1.example.com'], [txt('x.sub.example.com', 'from the parent')]);
    const child = staticZone('sub.example.com', ['ns1.example.com'], [txt('x.sub.example.com', 'from the child')]);
    const server = await dnsServer({ source: joinSources(staticSource([parent]), staticSource([child])) });
    expect(await resolver(server).resolveTxt('x.sub.example.com')).toEqual([['from the child']]);
  });

  it('refers to the child where a zone is delegated away', async () => {
    const ns: DnsRecord = { name: 'sub.example.com', type: 'NS', ttl: 60, data: 'ns.elsewhere.example' };
    const server = await dnsServer({ source: source(ns, txt('x.sub.example.com', 'below the cut')) });
    const response = await overTcp(server, [queryFor('x.sub.example.com', 'TXT')]);
    expect(response[0]?.answers).toEqual([]);
    expect(response[0]?.flag_aa).toBe(false);
    expect(response[0]?.authorities).toMatchObject([
      { name: 'sub.example.com', type: 'NS', data: 'ns.elsewhere.example' },
    ]);
  });

  it('answers from a wildcard only where the name does not exist', async () => {
    const server = await dnsServer({ source: source(a('*.example.com', '192.0.2.9'), txt('own.example.com', 'v')) });
    const asked = resolver(server);
    expect(await asked.resolve4('any.thing.example.com')).toEqual(['192.0.2.9']);
    expect(await code(asked.resolve4('own.example.com'))).toBe('ENODATA');
    expect(await code(asked.resolve4('below.own.example.com'))).toBe('ENOTFOUND');
  });

  it('ends a CNAME loop with SERVFAIL', async () => {
    const server = await dnsServer({
      source: source(cname('a.example.com', 'b.example.com'), cname('b.example.com', 'a.example.com')),
    });
    expect(await code(resolver(server).resolveTxt('a.example.com'))).toBe('ESERVFAIL');
    expect(await resolver(server).resolveCname('a.example.com')).toEqual(['b.example.com']);
  });

  it('reads its records at each query', async () => {
    const zone = staticZone('example.com', ['ns1.example.com']);
    const server = await dnsServer({ source: staticSource([zone]) });
    expect(await code(resolver(server).resolveTxt('late.example.com'))).toBe('ENOTFOUND');
    zone.records.push(txt('late.example.com', 'v'));
    expect(await resolver(server).resolveTxt('late.example.com')).toEqual([['v']]);
  });
});

describe('a DNS server that stands for the whole DNS', () => {
  const two = staticSource([
    staticZone(
      'example.com',
      ['ns1.example.com'],
      [cname('c.example.com', 't.example.net'), cname('out.example.com', 'gone.example.org')],
    ),
    staticZone('example.net', ['ns1.example.net'], [txt('t.example.net', 'over there')]),
  ]);

  it('follows a CNAME into another zone, which an authoritative server does not', async () => {
    const whole = await dnsServer({ source: two, scope: 'everything' });
    expect(await resolver(whole).resolveTxt('c.example.com')).toEqual([['over there']]);
    const authoritative = await dnsServer({ source: two });
    const [response] = await overTcp(authoritative, [queryFor('c.example.com', 'TXT')]);
    expect(response?.answers).toMatchObject([{ type: 'CNAME', data: 't.example.net' }]);
  });

  it('says that a name in no zone does not exist, with AA and RA', async () => {
    const server = await dnsServer({ source: two, scope: 'everything' });
    for (const name of ['example.org', 'out.example.com']) {
      expect(await code(resolver(server).resolve4(name))).toBe('ENOTFOUND');
      const [response] = await overTcp(server, [queryFor(name, 'A')]);
      expect(response).toMatchObject({ flag_aa: true, flag_ra: true, authorities: [{ name: '.', type: 'SOA' }] });
    }
  });
});

describe('faults of a DNS server', () => {
  const records = [txt('x.example.com', 'one'), txt('x.example.com', 'two'), txt('y.example.com', 'three')];

  it('fails, refuses or stays silent for one name, or for all', async () => {
    const queries: ServedQuery[] = [];
    const server = await dnsServer({ source: source(...records), onQuery: (query) => queries.push(query) });
    const asked = resolver(server);
    server.faults.set('X.example.com', { kind: 'servfail' });
    expect(await code(asked.resolveTxt('x.example.com'))).toBe('ESERVFAIL');
    expect(await asked.resolveTxt('y.example.com')).toEqual([['three']]);
    server.faults.set('x.example.com', { kind: 'refused' });
    expect(await code(asked.resolveTxt('x.example.com'))).toBe('EREFUSED');
    server.faults.set('*', { kind: 'drop' });
    expect(await code(asked.resolveTxt('y.example.com'))).toBe('ETIMEOUT');
    server.faults.clear();
    expect(await asked.resolveTxt('y.example.com')).toEqual([['three']]);
    expect(queries.map((query) => query.rcode)).toEqual(['SERVFAIL', 'NOERROR', 'REFUSED', undefined, 'NOERROR']);
  });

  it('shows a value only from an instant on', async () => {
    let now = 1000;
    const server = await dnsServer({ source: source(...records), now: () => now });
    const asked = resolver(server);
    server.faults.set('x.example.com', { kind: 'lag', until: 2000, value: 'two' });
    expect(await asked.resolveTxt('x.example.com')).toEqual([['one']]);
    server.faults.set('x.example.com', { kind: 'lag', until: 2000 });
    expect(await code(asked.resolveTxt('x.example.com'))).toBe('ENOTFOUND');
    now = 2000;
    expect(await asked.resolveTxt('x.example.com')).toEqual([['one'], ['two']]);
  });
});

describe('DNS over TCP', () => {
  it('answers several queries of one connection, whose bytes come one by one', async () => {
    const server = await dnsServer({ source: source(txt('x.example.com', 'v')) });
    const responses = await overTcp(
      server,
      [queryFor('x.example.com', 'TXT', 1), queryFor('x.example.com', 'A', 2)],
      1,
    );
    expect(responses.map((response) => response.id)).toEqual([1, 2]);
  });

  it('survives bytes that are no query', async () => {
    const server = await dnsServer({ source: source(txt('x.example.com', 'v')) });
    const garbage = Buffer.from([0, 3, 1, 2, 3]);
    const [response] = await overTcp(server, [garbage, queryFor('x.example.com', 'TXT', 7)]);
    expect(response?.id).toBe(7);
  });
});

function queryFor(name: string, type: dnsPacket.RecordType, id = 1): Buffer {
  return dnsPacket.streamEncode({ type: 'query', id, questions: [{ name, type }] });
}

/** Sends the messages in pieces of `pieceBytes` and returns the answers until the last message's id was answered. */
async function overTcp(
  server: DnsServer,
  messages: readonly Buffer[],
  pieceBytes = 1 << 16,
): Promise<dnsPacket.DecodedPacket[]> {
  const socket = connect(server.port, '127.0.0.1');
  const last = dnsPacket.streamDecode(messages.at(-1) ?? Buffer.alloc(0)).id;
  const bytes = Buffer.concat(messages);
  for (let at = 0; at < bytes.length; at += pieceBytes) socket.write(bytes.subarray(at, at + pieceBytes));
  const responses: dnsPacket.DecodedPacket[] = [];
  let received: Buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      responses.push(dnsPacket.decode(received.subarray(2, end)));
      received = received.subarray(end);
    }
    if (responses.at(-1)?.id === last) break;
  }
  return responses;
}
