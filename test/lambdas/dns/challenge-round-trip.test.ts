import { expect, it } from 'vitest';
import { createPropagation } from '../../../lambdas/dns/propagation.ts';
import { createResolver } from '../../../lambdas/dns/resolver.ts';
import { createRoute53Publisher } from '../../../lambdas/dns/route53-publisher.ts';
import { route53Records } from '../../../local/aws/route53-dns.ts';
import { change, send } from '../../local/aws/route53-bench.ts';
import { dnsServer } from '../../local/dns/dns-bench.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { fakeAccount } from './fake-account.ts';
import { OWN_ZONES } from './publisher-contract.ts';

/** Publisher and propagation over one Route 53, which a DNS server serves as its name servers and as the rest of the DNS. */
async function bench() {
  const account = fakeAccount();
  const { clock } = account;
  const server = await dnsServer({
    source: route53Records(account.route53),
    scope: 'everything',
    now: () => clock.now(),
  });
  const resolver = createResolver({ nameServers: { '*': server.address }, resolvers: [server.address] });
  const client = account.client();
  const publisher = createRoute53Publisher({ ...OWN_ZONES, client, resolver, clock, random: seededRandom(1) });
  return { account, client, publisher, propagation: createPropagation({ resolver, clock }) };
}

it('a challenge behind a CNAME is published at its end, seen when it is in sync, and removed', async () => {
  const { account, client, publisher, propagation } = await bench();
  const customer = account.route53.createZone('example.com');
  const acme = account.route53.createZone('acme.example.net');
  const alias = {
    name: '_acme-challenge.example.com',
    type: 'CNAME' as const,
    values: ['_acme-challenge.c1.acme.example.net.'],
  };
  await send(client, customer, change('CREATE', alias));
  await account.settle();
  const location = await publisher.locate('_acme-challenge.Example.com.');
  expect(location).toEqual({ name: '_acme-challenge.c1.acme.example.net', zoneId: acme });
  const records = [{ ...location, value: 'one' }];
  const [published] = await publisher.publish(records);
  expect(await publisher.inSync([published?.changeId ?? ''])).toBe(false);
  expect((await propagation.look(records)).missing).toHaveLength(4);
  await account.settle();
  expect(await publisher.inSync([published?.changeId ?? ''])).toBe(true);
  expect((await propagation.look(records)).missing).toEqual([]);
  await publisher.remove(records);
  await account.settle();
  expect((await propagation.look(records)).missing.map(({ saw }) => saw)).toEqual(Array(4).fill('no TXT record'));
});

it('of two public zones of one name the one that DNS serves is written to', async () => {
  const { account, publisher } = await bench();
  const served = account.route53.createZone('example.com');
  account.route53.createZone('example.com');
  expect((await publisher.locate('_acme-challenge.example.com')).zoneId).toBe(served);
});
