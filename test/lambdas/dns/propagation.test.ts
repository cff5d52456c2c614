import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Propagation } from '../../../lambdas/core/ports.ts';
import { createPropagation } from '../../../lambdas/dns/propagation.ts';
import { createResolver, type DnsResolver } from '../../../lambdas/dns/resolver.ts';
import type { ServedQuery } from '../../../local/dns/server.ts';
import { type DnsRecord, staticSource, staticZone } from '../../../local/dns/zone-data.ts';
import { dnsServer } from '../../local/dns/dns-bench.ts';
import { failureOf } from './publisher-contract.ts';
import { TestClock } from './test-clock.ts';

const NAME = '_acme-challenge.example.com';
const QUICK = { timeout: 150, tries: 1 };
const txt = (name: string, data: string): DnsRecord => ({ name, type: 'TXT', ttl: 60, data });
const cname = (name: string, data: string): DnsRecord => ({ name, type: 'CNAME', ttl: 60, data });

/**
 * Two authoritative servers of example.com, and a third that stands for the rest of the DNS, as a recursive resolver would:
 * it knows everything too, so a test that a value is taken from it would fail.
 */
async function bench(records: readonly DnsRecord[] = [txt(NAME, 'one'), txt(NAME, 'two')]) {
  const clock = new TestClock();
  const zone = staticZone('example.com', ['ns1.example.com', 'ns2.example.com'], records);
  const delegated = staticZone('acme.example.net', ['ns1.example.net'], [txt('c.acme.example.net', 'one')]);
  const source = staticSource([zone, delegated, staticZone('example.net', ['ns1.example.net'])]);
  const asked: ServedQuery[] = [];
  const now = () => clock.now();
  const first = await dnsServer({ source, now });
  const second = await dnsServer({ source, now });
  const whole = await dnsServer({ source, scope: 'everything', onQuery: (query) => asked.push(query) });
  const nameServers = {
    'ns1.example.com': first.address,
    'ns2.example.com': second.address,
    'ns1.example.net': first.address,
  };
  const resolver = createResolver({ nameServers, resolvers: [whole.address], authoritative: QUICK });
  return { clock, zone, first, second, asked, resolver, propagation: createPropagation({ resolver, clock }) };
}

type Wanted = Parameters<Propagation['look']>[0];
const missingIn = async (propagation: Propagation, records: Wanted) => (await propagation.look(records)).missing;
const wanted = (...values: string[]) => values.map((value) => ({ name: NAME, value }));

describe('propagation', () => {
  it('is complete when every authoritative server shows every value', async () => {
    const { propagation } = await bench();
    expect(await missingIn(propagation, wanted('one', 'two'))).toEqual([]);
  });

  it('names what is missing at which server, and what was seen there [F15]', async () => {
    const { propagation, zone, first, second } = await bench();
    expect(await missingIn(propagation, wanted('one', 'three'))).toEqual([
      { name: NAME, value: 'three', server: `ns1.example.com (${first.address})`, saw: '"one", "two"', silent: false },
      { name: NAME, value: 'three', server: `ns2.example.com (${second.address})`, saw: '"one", "two"', silent: false },
    ]);
    zone.records.splice(0, zone.records.length, ...zone.records.filter(({ type }) => type !== 'TXT'));
    expect((await missingIn(propagation, wanted('one'))).map(({ saw }) => saw)).toEqual([
      'no TXT record',
      'no TXT record',
    ]);
  });

  it('waits for the one server that lags [F13]', async () => {
    const { propagation, clock, second } = await bench();
    second.faults.set(NAME, { kind: 'lag', until: clock.now() + 60_000, value: 'two' });
    expect(await missingIn(propagation, wanted('one', 'two'))).toEqual([
      { name: NAME, value: 'two', server: `ns2.example.com (${second.address})`, saw: '"one"', silent: false },
    ]);
    clock.pass(60_000);
    expect(await missingIn(propagation, wanted('one', 'two'))).toEqual([]);
  });

  it.each([
    ['drop', 'no answer in time'],
    ['servfail', 'SERVFAIL'],
    ['refused', 'REFUSED: it does not serve this zone'],
  ] as const)('counts a server as missing every value when its fault is %s [F14]', async (kind, saw) => {
    const { propagation, first } = await bench();
    first.faults.set('*', { kind });
    const server = `ns1.example.com (${first.address})`;
    expect(await missingIn(propagation, wanted('one', 'two'))).toEqual([
      { name: NAME, value: 'one', server, saw, silent: true },
      { name: NAME, value: 'two', server, saw, silent: true },
    ]);
  });

  it('counts a server that is gone as missing every value [F14]', async () => {
    const { resolver, clock, second } = await bench();
    const gone = `127.0.0.1:${await unusedPort()}`;
    const addresses = async (host: string) => [host === 'ns1.example.com' ? gone : second.address];
    const propagation = createPropagation({ resolver: { ...resolver, addresses }, clock });
    const missing = await missingIn(propagation, wanted('one'));
    expect(missing).toEqual([
      {
        name: NAME,
        value: 'one',
        server: `ns1.example.com (${gone})`,
        saw: expect.stringContaining('no answer'),
        silent: true,
      },
    ]);
  });

  it('reads an answer that does not fit into UDP [F16]', async () => {
    const values = Array.from({ length: 60 }, (_, i) => `value-${i}-${'x'.repeat(43)}`);
    const { propagation } = await bench(values.map((value) => txt(NAME, value)));
    expect(await missingIn(propagation, wanted(...values))).toEqual([]);
  });

  it('reads the answer of a server that refuses EDNS [F16]', async () => {
    const { propagation, first, second } = await bench();
    for (const { faults } of [first, second]) faults.set('*', { kind: 'noEdns' });
    expect(await missingIn(propagation, wanted('one', 'two'))).toEqual([]);
  });

  it('names the server whose answer fits into no UDP packet and that nobody reaches by TCP [F16]', async () => {
    const values = Array.from({ length: 60 }, (_, i) => `value-${i}-${'x'.repeat(43)}`);
    const { propagation, first } = await bench(values.map((value) => txt(NAME, value)));
    first.faults.set('*', { kind: 'noTcp' });
    expect(await missingIn(propagation, wanted('value-0'))).toContainEqual(
      expect.objectContaining({ server: `ns1.example.com (${first.address})`, silent: true }),
    );
  });

  it('follows a CNAME to the servers of the zone that holds its end [F8]', async () => {
    const { propagation, first } = await bench([cname(NAME, 'c.acme.example.net')]);
    expect(await missingIn(propagation, wanted('one'))).toEqual([]);
    const [missing] = await missingIn(propagation, wanted('two'));
    expect(missing).toEqual({
      name: NAME,
      value: 'two',
      server: `ns1.example.net (${first.address})`,
      saw: '"one"',
      silent: false,
    });
  });

  it('asks the servers of its own zone also where a name above is a CNAME into another', async () => {
    const name = '_acme-challenge.www.example.com';
    const { propagation } = await bench([cname('www.example.com', 'acme.example.net'), txt(name, 'one')]);
    expect(await missingIn(propagation, [{ name, value: 'one' }])).toEqual([]);
    const missing = await missingIn(propagation, [{ name, value: 'two' }]);
    expect(missing.map(({ server }) => server.split(' ')[0])).toEqual(['ns1.example.com', 'ns2.example.com']);
  });

  it('asks for NS sets and addresses once a minute', async () => {
    const { propagation, asked, clock } = await bench();
    const nsQueries = () => asked.filter(({ type }) => type === 'NS').length;
    await missingIn(propagation, wanted('one'));
    const before = nsQueries();
    expect(before).toBeGreaterThan(0);
    await missingIn(propagation, wanted('one'));
    expect(nsQueries()).toBe(before);
    clock.pass(60_001);
    await missingIn(propagation, wanted('one'));
    expect(nsQueries()).toBe(2 * before);
  });

  it('takes no TXT value from a resolver, whose cache would be stale', async () => {
    const { propagation, asked } = await bench();
    await missingIn(propagation, wanted('one'));
    expect(asked.map(({ type }) => type)).not.toContain('TXT');
  });

  it('says so when DNS knows no zone that holds the name [F6]', async () => {
    const { propagation } = await bench();
    const failure = await failureOf(missingIn(propagation, [{ name: '_acme-challenge.example.org', value: 'v' }]));
    expect(failure).toMatchObject({ class: 'person', code: 'zoneNotDelegated' });
    expect(failure.message).toContain('_acme-challenge.example.org');
  });

  it('passes by a server that has IPv6 only, unless there is no other [F18]', async () => {
    const { resolver, clock, first } = await bench();
    const onlyFirst = async (host: string) => (host === 'ns1.example.com' ? [first.address] : []);
    const some = createPropagation({ resolver: { ...resolver, addresses: onlyFirst }, clock });
    expect(await some.look(wanted('one'))).toEqual({
      missing: [],
      servers: { [NAME]: 1 },
      passedBy: ['ns2.example.com'],
    });
    const none = createPropagation({ resolver: { ...resolver, addresses: async () => [] }, clock });
    expect((await missingIn(none, wanted('one'))).map(({ saw }) => saw)).toEqual(
      Array(2).fill('it has no IPv4 address'),
    );
  });

  it('counts a server whose address cannot be found as missing, with the reason', async () => {
    const { resolver, clock, first } = await bench();
    const addresses: DnsResolver['addresses'] = async (host) => {
      if (host === 'ns1.example.com') return [first.address];
      throw new Error('ESERVFAIL');
    };
    const propagation = createPropagation({ resolver: { ...resolver, addresses }, clock });
    expect(await missingIn(propagation, wanted('one'))).toMatchObject([
      { server: 'ns2.example.com', saw: 'Error: ESERVFAIL' },
    ]);
  });
});

describe('the resolver', () => {
  it('finds a host in the configuration, then under *, else in DNS', async () => {
    const zone = staticZone(
      'example.com',
      ['ns1.example.com'],
      [{ name: 'ns1.example.com', type: 'A', ttl: 60, data: '192.0.2.1' }],
    );
    const server = await dnsServer({ source: staticSource([zone]), scope: 'everything' });
    const resolvers = [server.address];
    const configured = createResolver({
      resolvers,
      nameServers: { 'ns1.example.com': '192.0.2.7', '*': '192.0.2.8:5353' },
    });
    expect(await configured.addresses('ns1.example.com')).toEqual(['192.0.2.7']);
    expect(await configured.addresses('ns9.example.com')).toEqual(['192.0.2.8:5353']);
    const plain = createResolver({ resolvers });
    expect(await plain.addresses('ns1.example.com')).toEqual(['192.0.2.1']);
    expect(await plain.addresses('ns9.example.com')).toEqual([]);
  });

  it('is transient when the resolvers fail', async () => {
    const server = await dnsServer({ source: staticSource([]) });
    server.faults.set('*', { kind: 'servfail' });
    const failure = await failureOf(createResolver({ resolvers: [server.address] }).alias(NAME));
    expect(failure).toMatchObject({ class: 'transient', code: 'dnsLookupFailed' });
    expect(failure.message).toContain(`CNAME of ${NAME}`);
  });

  it('gives names in lower case, whatever the case of the zone', async () => {
    const server = await dnsServer({
      source: staticSource([staticZone('example.com', ['NS1.Example.COM'])]),
      scope: 'everything',
    });
    expect(await createResolver({ resolvers: [server.address] }).nameServers('example.com')).toEqual([
      'ns1.example.com',
    ]);
  });
});

/** A port where nothing listens any more. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
