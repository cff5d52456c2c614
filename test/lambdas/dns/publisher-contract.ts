import {
  type Change,
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { expect } from 'vitest';
import { type DeclaredZones, NO_DECLARED_ZONES } from '../../../lambdas/core/dns-zones.ts';
import { StepFailure } from '../../../lambdas/core/failure.ts';
import type { ChallengeRecord, Clock, DnsPublisher } from '../../../lambdas/core/ports.ts';
import { createRoute53Publisher } from '../../../lambdas/dns/route53-publisher.ts';
import { contract, type Judge } from '../../support/contract.ts';
import { seededRandom } from '../../support/seeded-random.ts';

/** A Route 53 to publish in, whoever plays it. */
export type PublisherAccount = {
  /** A client of its own for each publisher, as in different Lambdas. */
  readonly client: () => Route53Client;
  /** Makes a public zone; its id without path. */
  readonly createZone: (name: string) => Promise<string>;
  readonly clock: Clock;
  /** Lets the changes made so far reach the name servers. */
  readonly settle: () => Promise<void>;
};

/** CNAMEs and NS sets that a publisher finds in DNS. */
export type KnownDns = {
  aliases?: Record<string, string>;
  nameServers?: Record<string, readonly string[]>;
  addresses?: Record<string, readonly string[]>;
};

/** No zone is declared, and none is another account's. */
export const OWN_ZONES = {
  declared: NO_DECLARED_ZONES,
  clientAs: (): never => {
    throw new Error('no role is declared');
  },
};

export function publisherOf(
  account: PublisherAccount,
  seed = 1,
  dns: KnownDns = {},
  zones: { readonly declared: DeclaredZones } = OWN_ZONES,
): DnsPublisher {
  const resolver = {
    alias: async (name: string) => dns.aliases?.[name],
    // Unless told otherwise every zone is delegated to, by names of its own.
    nameServers: async (name: string) => dns.nameServers?.[name] ?? [`ns.${name}`],
    addresses: async (host: string) => dns.addresses?.[host] ?? ['192.0.2.53'],
  };
  return createRoute53Publisher({
    ...OWN_ZONES,
    ...zones,
    client: account.client(),
    resolver,
    clock: account.clock,
    random: seededRandom(seed),
  });
}

/** The TXT set at a name as the API lists it, undefined where there is none. */
export async function txtSet(client: Route53Client, HostedZoneId: string, name: string) {
  const { ResourceRecordSets = [] } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
  const set = ResourceRecordSets.find((candidate) => candidate.Name === `${name}.` && candidate.Type === 'TXT');
  return set && { ttl: set.TTL, values: (set.ResourceRecords ?? []).map((record) => record.Value ?? '').sort() };
}

export async function putTxt(
  client: Route53Client,
  HostedZoneId: string,
  name: string,
  values: string[],
  ttl = 300,
): Promise<void> {
  const ResourceRecords = values.map((Value) => ({ Value }));
  const change: Change = {
    Action: 'UPSERT',
    ResourceRecordSet: { Name: name, Type: 'TXT', TTL: ttl, ResourceRecords },
  };
  await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes: [change] } }));
}

/** What a step failure says. */
export async function failureOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => expect.fail('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof StepFailure)) throw error;
  return error.detail;
}

/** A state machine's Retry: a transient failure is tried again, three times. */
async function asTheMachine(step: () => Promise<unknown>, retries = 3): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (retries === 0 || !(error instanceof StepFailure) || error.detail.class !== 'transient') throw error;
    await asTheMachine(step, retries - 1);
  }
}

let zones = 0;

/** What the publisher promises, and what it relies on, whoever plays Route 53. */
export function publisherContract(judge: Judge, account: () => PublisherAccount): void {
  async function bench() {
    const used = account();
    zones += 1;
    const domain = `t${zones}-${process.pid}.example`;
    const zoneId = await used.createZone(domain);
    const name = `_acme-challenge.${domain}`;
    const record = (value: string): ChallengeRecord => ({ name, zoneId, value });
    return { account: used, domain, zoneId, name, record, client: used.client(), publisher: publisherOf(used) };
  }

  contract('The Route 53 publisher', judge, (it) => {
    it('publishes a value with a TTL of 60 s, and removes the set with its last value', async () => {
      const { client, zoneId, name, record, publisher } = await bench();
      const [published] = await publisher.publish([record('abc_-1')]);
      expect(published?.changeId).toMatch(/^[A-Z0-9]+$/i);
      expect(await txtSet(client, zoneId, name)).toEqual({ ttl: 60, values: ['"abc_-1"'] });
      await publisher.remove([record('abc_-1')]);
      expect(await txtSet(client, zoneId, name)).toBeUndefined();
    });

    it('keeps apex and wildcard in one set, with one change', async () => {
      const { client, zoneId, name, record, publisher } = await bench();
      const published = await publisher.publish([record('apex'), record('wildcard')]);
      expect(new Set(published.map(({ changeId }) => changeId)).size).toBe(1);
      expect((await txtSet(client, zoneId, name))?.values).toEqual(['"apex"', '"wildcard"']);
      await publisher.remove([record('apex')]);
      expect((await txtSet(client, zoneId, name))?.values).toEqual(['"wildcard"']);
    });

    it('leaves the values and the TTL of others as they are [F21]', async () => {
      const { client, zoneId, name, record, publisher } = await bench();
      const foreign = [`"${'f'.repeat(255)}" "split"`, '"say \\"hi\\""'];
      await putTxt(client, zoneId, name, foreign, 300);
      await publisher.publish([record('own')]);
      expect(await txtSet(client, zoneId, name)).toEqual({ ttl: 300, values: ['"own"', ...foreign].sort() });
      await publisher.remove([record('own')]);
      expect(await txtSet(client, zoneId, name)).toEqual({ ttl: 300, values: [...foreign].sort() });
    });

    it('counts a value that is there as published, without a change', async () => {
      const { account: used, record, publisher, client, zoneId, name } = await bench();
      await publisher.publish([record('twice')]);
      const again = await publisherOf(used).publish([record('twice')]);
      expect(again).toEqual([{ record: record('twice') }]);
      expect((await txtSet(client, zoneId, name))?.values).toEqual(['"twice"']);
    });

    it('removes what was never there, twice, and from a zone that is gone [F4]', async () => {
      const { client, zoneId, name, record, publisher } = await bench();
      await putTxt(client, zoneId, name, ['"foreign"']);
      await publisher.remove([record('never')]);
      await publisher.remove([record('never')]);
      await publisher.remove([{ ...record('never'), zoneId: 'Z00000000000000GONE' }]);
      expect((await txtSet(client, zoneId, name))?.values).toEqual(['"foreign"']);
    });

    it('publishes in several zones and tells which change is whose', async () => {
      const { account: used, record, publisher, client } = await bench();
      const other = await used.createZone(`other-${zones}.example`);
      const second = { name: `_acme-challenge.other-${zones}.example`, zoneId: other, value: 'b' };
      const published = await publisher.publish([record('a'), second, record('c')]);
      expect(published.map((one) => one.record.value)).toEqual(['a', 'b', 'c']);
      expect(published[0]?.changeId).toBe(published[2]?.changeId);
      expect(published[0]?.changeId).not.toBe(published[1]?.changeId);
      await publisher.remove([record('a'), second, record('c')]);
      expect(await txtSet(client, other, second.name)).toBeUndefined();
    });

    it('is in sync when its changes have reached the name servers', async () => {
      const { account: used, record, publisher } = await bench();
      const [published] = await publisher.publish([record('v')]);
      const ids = [published?.changeId ?? expect.fail('no change')];
      expect(await publisher.inSync(ids)).toBe(false);
      await used.settle();
      expect(await publisher.inSync(ids)).toBe(true);
      expect(await publisher.inSync([])).toBe(true);
    });

    it('loses no value of 20 publishers at one name, nor any when they clean up [F3, F21]', async () => {
      const { account: used, client, zoneId, name, record } = await bench();
      await putTxt(client, zoneId, name, ['"foreign"']);
      const values = Array.from({ length: 20 }, (_, i) => `value-${i}`);
      const publishers = values.map((_value, i) => publisherOf(used, i));
      await Promise.all(values.map((value, i) => asTheMachine(async () => publishers[i]?.publish([record(value)]))));
      const all = ['"foreign"', ...values.map((value) => `"${value}"`)].sort();
      expect((await txtSet(client, zoneId, name))?.values).toEqual(all);
      await Promise.all(values.map((value, i) => asTheMachine(async () => publishers[i]?.remove([record(value)]))));
      expect((await txtSet(client, zoneId, name))?.values).toEqual(['"foreign"']);
    });

    it('finds the longest public zone that holds the name', async () => {
      const { account: used, domain, zoneId, name, publisher } = await bench();
      const child = await used.createZone(`sub.${domain}`);
      expect(await publisher.locate(name)).toEqual({ name, zoneId });
      const below = `_acme-challenge.a.sub.${domain}`;
      expect(await publisher.locate(below.toUpperCase())).toEqual({ name: below, zoneId: child });
      expect((await publisher.locate(`_acme-challenge.notsub.${domain}`)).zoneId).toBe(zoneId);
    });

    it('says what to do for a name of no zone', async () => {
      const { publisher } = await bench();
      const failure = await failureOf(publisher.locate('_acme-challenge.nowhere.test'));
      expect(failure).toMatchObject({ class: 'person', code: 'noHostedZone' });
      expect(failure.message).toContain('_acme-challenge.nowhere.test');
      expect(failure.message).toContain('Create the zone');
    });

    it('says that the zone is gone when it publishes into it [F4]', async () => {
      const { record, publisher } = await bench();
      const failure = await failureOf(publisher.publish([{ ...record('v'), zoneId: 'Z00000000000000GONE' }]));
      expect(failure).toMatchObject({ class: 'person', code: 'NoSuchHostedZone' });
      expect(failure.message).toContain('Z00000000000000GONE');
    });
  });
}
