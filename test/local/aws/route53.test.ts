import { Resolver } from 'node:dns/promises';
import {
  CreateHostedZoneCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { describe, expect, it } from 'vitest';
import { route53Records } from '../../../local/aws/route53-dns.ts';
import { dnsServer } from '../dns/dns-bench.ts';
import { change, route53Bench, send } from './route53-bench.ts';

const CHALLENGE = '_acme-challenge.example.com';

async function setsOf(client: Route53Client, HostedZoneId: string) {
  const { ResourceRecordSets = [] } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
  return ResourceRecordSets.map(({ Name, Type, TTL, ResourceRecords }) => [
    Name,
    Type,
    TTL,
    ResourceRecords?.map((record) => record.Value),
  ]);
}

async function refusal(promise: Promise<unknown>) {
  return promise.then(
    () => expect.fail('it was accepted'),
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

function zoneBench() {
  const bench = route53Bench();
  return { ...bench, zone: bench.account.createZone('example.com') };
}

describe('a change batch', () => {
  it('creates, replaces by DELETE and CREATE, and deletes a record set', async () => {
    const { client, zone } = zoneBench();
    await send(client, zone, change('CREATE', { name: CHALLENGE, values: ['"one"'] }));
    const both = ['"one"', '"two"'];
    await send(
      client,
      zone,
      change('DELETE', { name: CHALLENGE, values: ['"one"'] }),
      change('CREATE', { name: CHALLENGE, values: both }),
    );
    expect(await setsOf(client, zone)).toContainEqual([`${CHALLENGE}.`, 'TXT', 60, both]);
    await send(client, zone, change('DELETE', { name: CHALLENGE, values: ['"two"', '"one"'] }));
    expect((await setsOf(client, zone)).map(([, type]) => type)).toEqual(['NS', 'SOA']);
  });

  it('refuses to create a set that exists', async () => {
    const { client, zone } = zoneBench();
    await send(client, zone, change('CREATE', { name: CHALLENGE, values: ['"one"'] }));
    expect(await refusal(send(client, zone, change('CREATE', { name: CHALLENGE, values: ['"two"'] })))).toBe(
      `InvalidChangeBatch: [Tried to create resource record set [name='${CHALLENGE}.', type='TXT'] but it already exists]`,
    );
  });

  it.each([
    ['a value that differs', { values: ['"two"'] }],
    ['a value less', { values: ['"one"'] }],
    ['another TTL', { values: ['"one"', '"1"'], ttl: 61 }],
  ])('refuses to delete a set with %s', async (_what, given) => {
    const { client, zone } = zoneBench();
    await send(client, zone, change('CREATE', { name: CHALLENGE, values: ['"one"', '"1"'] }));
    expect(await refusal(send(client, zone, change('DELETE', { name: CHALLENGE, ...given })))).toBe(
      `InvalidChangeBatch: [Tried to delete resource record set [name='${CHALLENGE}.', type='TXT'] but the values provided do not match the current values]`,
    );
  });

  it('carries out nothing when one of its changes is refused, and names each refusal', async () => {
    const { client, zone } = zoneBench();
    const before = await setsOf(client, zone);
    const message = await refusal(
      send(
        client,
        zone,
        change('CREATE', { name: CHALLENGE, values: ['"one"'] }),
        change('DELETE', { name: 'gone.example.com', values: ['"x"'] }),
        change('CREATE', { name: 'www.example.org', values: ['"x"'] }),
      ),
    );
    expect(message).toContain("[name='gone.example.com.', type='TXT'] but it was not found");
    expect(message).toContain('RRSet with DNS name www.example.org. is not permitted in zone example.com.');
    expect(await setsOf(client, zone)).toEqual(before);
  });

  it('replaces by UPSERT whatever was there', async () => {
    const { client, zone } = zoneBench();
    await send(client, zone, change('UPSERT', { name: CHALLENGE, values: ['"one"'] }));
    await send(client, zone, change('UPSERT', { name: CHALLENGE, values: ['"two"'] }));
    expect(await setsOf(client, zone)).toContainEqual([`${CHALLENGE}.`, 'TXT', 60, ['"two"']]);
  });

  it.each([
    ['without quotes', 'one', 'Value should be enclosed in quotation marks'],
    ['with a quote that never ends', '"one', 'Value should be enclosed in quotation marks'],
    ['of 256 bytes in one string', `"${'a'.repeat(256)}"`, 'Value is too long'],
  ])('refuses a TXT value %s', async (_what, value, reason) => {
    const { client, zone } = zoneBench();
    expect(await refusal(send(client, zone, change('CREATE', { name: CHALLENGE, values: [value] })))).toContain(reason);
  });

  it('takes a TXT value of several strings and escaped quotes', async () => {
    const { client, zone } = zoneBench();
    const values = [`"${'a'.repeat(255)}" "b"`, '"say \\"hi\\" \\\\ \\100"'];
    await send(client, zone, change('CREATE', { name: CHALLENGE, values }));
    expect(await setsOf(client, zone)).toContainEqual([`${CHALLENGE}.`, 'TXT', 60, values]);
  });

  it('refuses a value given twice, and more than 400 values', async () => {
    const { client, zone } = zoneBench();
    expect(await refusal(send(client, zone, change('CREATE', { name: CHALLENGE, values: ['"a"', '"a"'] })))).toContain(
      'Duplicate',
    );
    const many = Array.from({ length: 401 }, (_, i) => `"${i}"`);
    expect(await refusal(send(client, zone, change('CREATE', { name: CHALLENGE, values: many })))).toContain(
      'more than 400',
    );
  });

  it('counts records and characters, twice for UPSERT', async () => {
    const { client, zone } = zoneBench();
    const sets = (count: number, value: string) =>
      Array.from({ length: count }, (_, i) => ({
        name: `n${i}.example.com`,
        values: Array.from({ length: 10 }, (_v, j) => `"${value}${j}"`),
      }));
    const upserts = (count: number, value: string) =>
      send(client, zone, ...sets(count, value).map((set) => change('UPSERT', set)));
    expect(await refusal(upserts(51, 'x'))).toContain('Number of records limit of 1000 exceeded');
    expect(await refusal(upserts(10, 'x'.repeat(160)))).toContain('Number of characters limit of 32000 exceeded');
    await upserts(50, 'x');
  });

  it('refuses a CNAME beside other types and at the apex', async () => {
    const { client, zone } = zoneBench();
    const alias = (name: string) => change('CREATE', { name, type: 'CNAME', values: ['t.example.net'] });
    await send(client, zone, alias('a.example.com'));
    expect(await refusal(send(client, zone, change('CREATE', { name: 'a.example.com', values: ['"x"'] })))).toContain(
      'a conflicting RRSet of type CNAME',
    );
    expect(await refusal(send(client, zone, alias('example.com')))).toContain('is not permitted at apex');
  });

  it('keeps SOA and NS of the zone', async () => {
    const { client, zone } = zoneBench();
    const [, soa] = await setsOf(client, zone);
    const values = soa?.[3] as string[];
    const message = await refusal(
      send(client, zone, change('DELETE', { name: 'example.com', type: 'SOA', ttl: 900, values })),
    );
    expect(message).toContain('exactly one SOA record');
  });

  it('is refused for a zone that is gone', async () => {
    const { client, zone, account } = zoneBench();
    account.deleteZone(zone);
    const message = await refusal(send(client, zone, change('CREATE', { name: CHALLENGE, values: ['"x"'] })));
    expect(message).toBe(`NoSuchHostedZone: No hosted zone found with ID: ${zone}`);
  });
});

describe('a change', () => {
  it('is pending, then in sync', async () => {
    const { client, zone, time } = zoneBench();
    const { ChangeInfo } = await send(client, zone, change('CREATE', { name: CHALLENGE, values: ['"x"'] }));
    expect(ChangeInfo?.Status).toBe('PENDING');
    const status = async () => (await client.send(new GetChangeCommand({ Id: ChangeInfo?.Id }))).ChangeInfo?.Status;
    time.now += 29_999;
    expect(await status()).toBe('PENDING');
    time.now += 1;
    expect(await status()).toBe('INSYNC');
    expect(await refusal(client.send(new GetChangeCommand({ Id: 'C9' })))).toMatch(/^NoSuchChange/);
  });

  it('is shown by the name servers when it is in sync, and by the API at once', async () => {
    const { client, zone, time, account } = zoneBench();
    const server = await dnsServer({ source: route53Records(account) });
    const resolver = new Resolver({ timeout: 500, tries: 1 });
    resolver.setServers([server.address]);
    const shown = () => resolver.resolveTxt(CHALLENGE).catch((error: { code: string }) => error.code);
    const long = 'a'.repeat(300);
    await send(
      client,
      zone,
      change('CREATE', { name: CHALLENGE, values: [`"${long.slice(0, 255)}" "${long.slice(255)}"`] }),
    );
    expect(await shown()).toBe('ENOTFOUND');
    time.now += 20_000;
    const deletion = change('DELETE', { name: CHALLENGE, values: [`"${long.slice(0, 255)}" "${long.slice(255)}"`] });
    await send(client, zone, deletion, change('CREATE', { name: CHALLENGE, values: ['"next"'] }));
    time.now += 10_000;
    expect(await shown()).toEqual([[long.slice(0, 255), long.slice(255)]]);
    time.now += 20_000;
    expect(await shown()).toEqual([['next']]);
  });
});

describe('names', () => {
  it('are listed lower-case, absolute, with escapes, in the order of their reversed labels', async () => {
    const { client, zone } = zoneBench();
    const names = ['b.example.com', '*.Example.com.', 'a.b.example.com', 'x-y.b.example.com', 'b-1.example.com'];
    await send(client, zone, ...names.map((name) => change('CREATE', { name, values: ['"x"'] })));
    const listed = (await setsOf(client, zone)).filter(([, type]) => type === 'TXT').map(([name]) => name);
    expect(listed).toEqual([
      '\\052.example.com.',
      'b-1.example.com.',
      'b.example.com.',
      'a.b.example.com.',
      'x-y.b.example.com.',
    ]);
    await send(client, zone, change('DELETE', { name: '\\052.example.com', values: ['"x"'] }));
    expect(await setsOf(client, zone)).toHaveLength(names.length + 1);
  });

  it.each(['a..example.com', `${'a'.repeat(64)}.example.com`, 'ä.example.com'])(
    'are refused when they are none: %s',
    async (name) => {
      const { client, zone } = zoneBench();
      expect(await refusal(send(client, zone, change('CREATE', { name, values: ['"x"'] })))).toMatch(
        /^InvalidDomainName/,
      );
    },
  );
});

describe('lists', () => {
  it('start at a name and type and come in pages', async () => {
    const { client, zone } = zoneBench();
    await send(
      client,
      zone,
      change('CREATE', { name: 'a.example.com', type: 'A', values: ['192.0.2.1'] }),
      change('CREATE', { name: 'a.example.com', values: ['"x"'] }),
      change('CREATE', { name: 'b.example.com', values: ['"x"'] }),
    );
    const page = await client.send(
      new ListResourceRecordSetsCommand({
        HostedZoneId: zone,
        StartRecordName: 'A.example.com',
        StartRecordType: 'AAAA',
        MaxItems: 1,
      }),
    );
    expect(page).toMatchObject({ IsTruncated: true, NextRecordName: 'b.example.com.', NextRecordType: 'TXT' });
    expect(page.ResourceRecordSets?.map(({ Name, Type }) => [Name, Type])).toEqual([['a.example.com.', 'TXT']]);
    const onlyType = client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone, StartRecordType: 'TXT' }));
    expect(await refusal(onlyType)).toMatch(/^InvalidInput/);
  });

  it('give zones by reversed name, from a name on, with their visibility and name servers', async () => {
    const { client, account } = route53Bench();
    const ids = [
      account.createZone('example.org'),
      account.createZone('sub.example.com'),
      account.createZone('example.com', { isPrivate: true }),
      account.createZone('example.com', { nameServers: ['ns1.test'] }),
    ];
    const all = await client.send(new ListHostedZonesByNameCommand({}));
    expect(all.HostedZones?.map(({ Name }) => Name)).toEqual([
      'example.com.',
      'example.com.',
      'sub.example.com.',
      'example.org.',
    ]);
    const first = await client.send(new ListHostedZonesByNameCommand({ DNSName: 'sub.example.com', MaxItems: 1 }));
    expect(first).toMatchObject({ IsTruncated: true, NextDNSName: 'example.org.', NextHostedZoneId: ids[0] });
    const next = await client.send(
      new ListHostedZonesByNameCommand({ DNSName: first.NextDNSName, HostedZoneId: first.NextHostedZoneId }),
    );
    expect(next.HostedZones?.map(({ Id }) => Id)).toEqual([`/hostedzone/${ids[0]}`]);
    const isPrivate = await client.send(new GetHostedZoneCommand({ Id: ids[2] }));
    expect(isPrivate).toMatchObject({ HostedZone: { Config: { PrivateZone: true } } });
    expect(isPrivate.DelegationSet).toBeUndefined();
    const isPublic = await client.send(new GetHostedZoneCommand({ Id: ids[3] }));
    expect(isPublic.DelegationSet?.NameServers).toEqual(['ns1.test']);
  });

  it('give all zones page by page', async () => {
    const { client, account } = route53Bench();
    const ids = Array.from({ length: 5 }, (_, i) => account.createZone(`z${i}.example`));
    const seen: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await client.send(new ListHostedZonesCommand({ MaxItems: 2, Marker }));
      seen.push(...(page.HostedZones ?? []).map(({ Id }) => Id));
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    expect(seen).toEqual(ids.map((id) => `/hostedzone/${id}`));
  });
});

describe('the account', () => {
  it('throws on operations and fields it does not know', async () => {
    const { client, zone } = zoneBench();
    const unknown = client.send(new CreateHostedZoneCommand({ Name: 'example.net', CallerReference: 'x' }));
    expect(await refusal(unknown)).toBe('Error: This fake Route 53 has no operation CreateHostedZone.');
    const field = client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone, StartRecordIdentifier: 'x' }));
    expect(await refusal(field)).toContain('StartRecordIdentifier');
  });

  it('keeps private zones out of the DNS, and shows the first of several public zones of one name', async () => {
    const { client, account } = route53Bench({ insyncAfterMs: 0 });
    const zones = [
      account.createZone('example.com', { isPrivate: true }),
      account.createZone('example.com'),
      account.createZone('example.com'),
    ];
    for (const zone of zones)
      await send(client, zone, change('CREATE', { name: 'a.example.com', values: [`"in ${zone}"`] }));
    const source = route53Records(account);
    expect([...source.zones()]).toEqual(['example.com']);
    expect(source.at('example.com', 'a.example.com')).toMatchObject([{ data: `in ${zones[1]}` }]);
  });
});
