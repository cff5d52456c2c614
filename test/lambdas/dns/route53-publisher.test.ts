import { describe, expect, it } from 'vitest';
import { AwsFault } from '../../../local/aws/fault.ts';
import type { Around } from '../../../local/aws/seam.ts';
import { change, clientOf, send } from '../../local/aws/route53-bench.ts';
import { fakeAccount } from './fake-account.ts';
import { failureOf, type KnownDns, publisherOf, putTxt, txtSet } from './publisher-contract.ts';

const DOMAIN = 'example.com';
const NAME = `_acme-challenge.${DOMAIN}`;

/** A zone, a publisher whose calls go through `around`, and a client whose calls do not. */
function bench(around?: Around, dns?: KnownDns) {
  const calls: string[] = [];
  const account = fakeAccount(async (operation, input, act) => {
    calls.push(operation);
    return around ? around(operation, input, act) : act();
  });
  const zoneId = account.route53.createZone(DOMAIN);
  const client = clientOf(account.route53);
  const record = (value: string, name = NAME) => ({ name, zoneId, value });
  return { account, calls, zoneId, client, record, publisher: publisherOf(account, 1, dns) };
}

/** Faults for the first attempts of one operation. */
function first(times: number, operation: string, fault: () => Error): Around {
  let left = times;
  return async (called, _input, act) => {
    if (called !== operation || left === 0) return act();
    left -= 1;
    throw fault();
  };
}

const CHANGE = 'ChangeResourceRecordSets';

describe('declared zones', () => {
  const declared = (only: boolean, zoneId: string) => ({ declared: { zones: [{ name: DOMAIN, zoneId }], only } });

  it('are used without a look at the account, and before its own of the same name', async () => {
    const { account, calls, zoneId } = bench();
    account.route53.createZone(DOMAIN);
    const publisher = publisherOf(account, 1, {}, declared(false, zoneId));
    expect(await publisher.locate(NAME)).toEqual({ name: NAME, zoneId });
    expect(calls).toEqual([]);
  });

  it('leave the others to be found', async () => {
    const { account, zoneId } = bench();
    const other = account.route53.createZone('example.net');
    const publisher = publisherOf(account, 1, {}, declared(false, zoneId));
    expect((await publisher.locate('_acme-challenge.example.net')).zoneId).toBe(other);
  });

  it('where they should hold every challenge, a name outside of them is for a person', async () => {
    const { account, calls, zoneId } = bench();
    const dns = { aliases: { '_acme-challenge.www.example.com': 'x.example.net' } };
    const publisher = publisherOf(account, 1, dns, declared(true, zoneId));
    const failure = await failureOf(publisher.locate('_acme-challenge.www.example.com'));
    expect(failure).toMatchObject({ class: 'person', code: 'noHostedZone' });
    expect(failure.message).toMatch(/ends at x\.example\.net, which is in no zone .* dns\.zones.* dns\.delegations/);
    expect(calls).toEqual([]);
  });
});

describe('calls', () => {
  it('are one to publish and one to remove in the usual case, also for many names', async () => {
    const { publisher, calls, record } = bench();
    const records = Array.from({ length: 100 }, (_, i) => record(`v${i}`, `_acme-challenge.n${i}.${DOMAIN}`));
    await publisher.publish(records);
    await publisher.remove(records);
    expect(calls).toEqual([CHANGE, CHANGE]);
  });

  it('read the zones once a minute, and at once for a name that is in none of them', async () => {
    const { publisher, calls: all, account } = bench();
    const calls = () => all.filter((call) => call === 'ListHostedZonesByName');
    await publisher.locate(NAME);
    await publisher.locate(`_acme-challenge.www.${DOMAIN}`);
    expect(calls()).toHaveLength(1);
    await failureOf(publisher.locate('_acme-challenge.example.net'));
    account.clock.pass(1);
    account.route53.createZone('example.net');
    await publisher.locate('_acme-challenge.example.net');
    expect(calls()).toHaveLength(2);
    account.clock.pass(60_001);
    await publisher.locate(NAME);
    expect(calls()).toHaveLength(3);
  });

  it('read more than a page of zones', async () => {
    const { publisher, account } = bench();
    for (let i = 0; i < 250; i += 1) account.route53.createZone(`z${i}.example`);
    expect((await publisher.locate('_acme-challenge.z249.example')).name).toBe('_acme-challenge.z249.example');
  });
});

describe('an answer that is lost', () => {
  const lostOnce = (): Around => {
    let lost = false;
    return async (operation, _input, act) => {
      const output = await act();
      if (operation !== CHANGE || lost) return output;
      lost = true;
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    };
  };

  it('publishes the value once', async () => {
    const { publisher, record, client, zoneId } = bench(lostOnce());
    expect(await publisher.publish([record('v')])).toEqual([{ record: record('v') }]);
    expect((await txtSet(client, zoneId, NAME))?.values).toEqual(['"v"']);
  });

  it('removes the value all the same', async () => {
    const { publisher, record, client, zoneId, account } = bench(lostOnce());
    await publisherOf({ ...account, client: () => client }).publish([record('v')]);
    await publisher.remove([record('v')]);
    expect(await txtSet(client, zoneId, NAME)).toBeUndefined();
  });
});

describe('Route 53 that is busy', () => {
  it.each(['Throttling', 'PriorRequestNotComplete'])('with %s is waited out [F1, F2]', async (code) => {
    const { publisher, record, client, zoneId, calls } = bench(
      first(12, CHANGE, () => new AwsFault(code, 'Rate exceeded')),
    );
    await publisher.publish([record('v')]);
    expect((await txtSet(client, zoneId, NAME))?.values).toEqual(['"v"']);
    expect(calls).toHaveLength(13);
  });

  it('is given up as transient after 20 seconds of waiting at most [F1]', async () => {
    const { publisher, record, account } = bench(first(1e6, CHANGE, () => new AwsFault('Throttling', 'Rate exceeded')));
    const started = account.clock.now();
    const failure = await failureOf(publisher.publish([record('v')]));
    expect(failure).toMatchObject({ class: 'transient', code: 'Throttling' });
    const waited = account.clock.now() - started;
    expect(waited).toBeGreaterThan(10_000);
    expect(waited).toBeLessThanOrEqual(20_000);
  });
});

describe('A set that others change in between', () => {
  /** Somebody changes the set before each of the first changes of the publisher. */
  function meddling(times: number) {
    let left = times;
    const made: ReturnType<typeof bench> = bench(async (operation, _input, act) => {
      if (operation === CHANGE && left > 0) {
        left -= 1;
        await putTxt(made.client, made.zoneId, NAME, ['"foreign"', `"${left}"`]);
      }
      return act();
    });
    return made;
  }

  it('is read again and merged [F3]', async () => {
    const { publisher, record, client, zoneId, calls } = meddling(5);
    await publisher.publish([record('v')]);
    expect((await txtSet(client, zoneId, NAME))?.values).toEqual(['"0"', '"foreign"', '"v"']);
    expect(calls.filter((call) => call === 'ListResourceRecordSets')).toHaveLength(5);
  });

  it('is transient after the fifth time [F3]', async () => {
    const { publisher, record, calls } = meddling(1e6);
    const failure = await failureOf(publisher.publish([record('v')]));
    expect(failure).toMatchObject({ class: 'transient', code: 'InvalidChangeBatch' });
    expect(failure.message).toContain(NAME);
    expect(calls.filter((call) => call === 'ListResourceRecordSets')).toHaveLength(5);
  });
});

describe('what does not pass', () => {
  it('names the action and the zone when access is denied', async () => {
    const denied = new AwsFault('AccessDenied', 'User: arn:aws:sts::1:assumed-role/x is not authorized', 403);
    const { publisher, record, zoneId } = bench(first(1, CHANGE, () => denied));
    const failure = await failureOf(publisher.publish([record('v')]));
    expect(failure).toMatchObject({ class: 'person', code: 'AccessDenied' });
    expect(failure.message).toContain(`route53:ChangeResourceRecordSets on hostedzone/${zoneId}`);
    expect(failure.message).toContain(NAME);
  });

  it('names the action when the zones may not be listed', async () => {
    const { publisher } = bench(first(1, 'ListHostedZonesByName', () => new AwsFault('AccessDenied', 'no', 403)));
    const failure = await failureOf(publisher.locate(NAME));
    expect(failure).toMatchObject({ class: 'person', code: 'AccessDenied' });
    expect(failure.message).toContain('route53:ListHostedZonesByName');
  });

  it('is a CNAME in the zone, which nothing can stand beside [F10]', async () => {
    const { publisher, record, client, zoneId } = bench();
    await send(client, zoneId, change('CREATE', { name: NAME, type: 'CNAME', values: ['t.example.net'] }));
    const failure = await failureOf(publisher.publish([record('v')]));
    expect(failure).toMatchObject({ class: 'person', code: 'recordConflict' });
    expect(failure.message).toContain('CNAME');
  });

  it('is a refusal that reading again does not explain, such as a protected record set', async () => {
    const protectedSet = () => new AwsFault('InvalidChangeBatch', '[The resource record set is protected]');
    const { publisher, record, calls } = bench(first(1e6, CHANGE, protectedSet));
    const failure = await failureOf(publisher.publish([record('v')]));
    expect(failure).toMatchObject({ class: 'person', code: 'InvalidChangeBatch' });
    expect(failure.message).toContain('protected');
    expect(calls).toEqual([CHANGE, 'ListResourceRecordSets']);
  });

  it('is a record set that is full [F7]', async () => {
    const { publisher, record, client, zoneId } = bench();
    const values = Array.from({ length: 400 }, (_, i) => `"${i}"`);
    await putTxt(client, zoneId, NAME, values);
    const failure = await failureOf(publisher.publish([record('v')]));
    expect(failure).toMatchObject({ class: 'person', code: 'recordSetFull' });
    expect(failure.message).toContain('400 other values');
    expect((await txtSet(client, zoneId, NAME))?.values).toHaveLength(400);
  });

  it('does not keep values in other zones from being removed', async () => {
    let changes = 0;
    const { publisher, record, account, client, calls } = bench(async (operation, _input, act) => {
      if (operation === CHANGE) changes += 1;
      if (operation === CHANGE && changes === 2) throw new AwsFault('AccessDenied', 'no', 403);
      return act();
    });
    const other = account.route53.createZone('example.net');
    const second = { name: '_acme-challenge.example.net', zoneId: other, value: 'b' };
    await putTxt(client, other, second.name, ['"b"'], 60);
    await publisher.publish([record('a')]);
    expect((await failureOf(publisher.remove([record('a'), second]))).code).toBe('AccessDenied');
    expect(calls).toHaveLength(3);
    expect(await txtSet(client, other, second.name)).toBeUndefined();
  });
});

describe('limits of a batch', () => {
  it('are kept by several batches where one is not enough', async () => {
    const { publisher, record, client, zoneId, calls } = bench();
    const names = Array.from({ length: 4 }, (_, i) => `_acme-challenge.n${i}.${DOMAIN}`);
    const foreign = Array.from({ length: 200 }, (_, i) => `"${String(i).padStart(45, 'f')}"`);
    for (const name of names) await putTxt(client, zoneId, name, foreign.slice(0, 150));
    const published = await publisher.publish(names.map((name) => record('v', name)));
    expect(new Set(published.map(({ changeId }) => changeId)).size).toBe(2);
    for (const name of names) expect((await txtSet(client, zoneId, name))?.values).toContain('"v"');
    expect(calls.filter((call) => call === CHANGE)).toHaveLength(3);
  });
});

describe('Zones of one name', () => {
  it('that are private are ignored [F5]', async () => {
    const { account, zoneId, publisher } = bench();
    account.route53.createZone(DOMAIN, { isPrivate: true });
    account.route53.createZone(`www.${DOMAIN}`, { isPrivate: true });
    expect((await publisher.locate(`_acme-challenge.www.${DOMAIN}`)).zoneId).toBe(zoneId);
  });

  it('are told apart by the name servers that DNS delegates to [F5]', async () => {
    const live = ['ns1.live.test', 'ns2.live.test'];
    const { account, publisher } = bench(undefined, { nameServers: { [DOMAIN]: live } });
    const delegated = account.route53.createZone(DOMAIN, { nameServers: live });
    expect((await publisher.locate(NAME)).zoneId).toBe(delegated);
  });

  it('are refused where DNS does not tell which [F5]', async () => {
    const { account, publisher, zoneId } = bench(undefined, { nameServers: { [DOMAIN]: ['ns1.elsewhere.test'] } });
    const second = account.route53.createZone(DOMAIN);
    const failure = await failureOf(publisher.locate(NAME));
    expect(failure).toMatchObject({ class: 'person', code: 'ambiguousHostedZone' });
    for (const told of [zoneId, second, 'ns1.elsewhere.test']) expect(failure.message).toContain(told);
  });
});

describe('A zone that DNS does not delegate to', () => {
  const elsewhere = ['ns1.elsewhere.test'];

  it.each([
    ['other name servers', elsewhere, 'ns1.elsewhere.test'],
    ['none', [], 'no name server'],
  ])('is refused before anything is written, where DNS has %s [F6]', async (_what, live, told) => {
    const addresses = { 'ns1.elsewhere.test': ['198.51.100.1'] };
    const { publisher, zoneId, account, calls } = bench(undefined, { nameServers: { [DOMAIN]: live }, addresses });
    const failure = await failureOf(publisher.locate(NAME));
    expect(failure).toMatchObject({ class: 'person', code: 'zoneNotDelegated' });
    const own = account.route53.zones[0]?.nameServers[0]?.replace(/\.$/, '') ?? 'nothing';
    for (const words of [`${DOMAIN} (${zoneId}) exists but is not delegated here`, told, own])
      expect(failure.message).toContain(words);
    expect(calls).not.toContain(CHANGE);
  });

  it('by name is used where the addresses of its name servers are the same [F6]', async () => {
    const { publisher, zoneId } = bench(undefined, { nameServers: { [DOMAIN]: ['ns1.own-names.test'] } });
    expect((await publisher.locate(NAME)).zoneId).toBe(zoneId);
  });
});

describe('CNAMEs at the challenge name', () => {
  const chainOf = (length: number) =>
    Object.fromEntries(
      Array.from({ length }, (_, i) => [
        i === 0 ? NAME : `c${i}.test`,
        i === length - 1 ? `end.${DOMAIN}` : `c${i + 1}.test`,
      ]),
    );

  it('lead to the zone that holds their end, over at most 10 hops [F8, F9]', async () => {
    const { publisher, zoneId } = bench(undefined, { aliases: chainOf(10) });
    expect(await publisher.locate(NAME)).toEqual({ name: `end.${DOMAIN}`, zoneId });
    const longer = bench(undefined, { aliases: chainOf(11) });
    const failure = await failureOf(longer.publisher.locate(NAME));
    expect(failure).toMatchObject({ class: 'person', code: 'cnameChainTooLong' });
    expect(failure.message).toContain(`${NAME} -> c1.test -> c2.test`);
  });

  it('are refused when they are a loop [F9]', async () => {
    const { publisher } = bench(undefined, { aliases: { [NAME]: 'a.test', 'a.test': 'b.test', 'b.test': 'a.test' } });
    const failure = await failureOf(publisher.locate(NAME));
    expect(failure).toMatchObject({ class: 'person', code: 'cnameLoop' });
    expect(failure.message).toContain(`${NAME} -> a.test -> b.test -> a.test`);
  });

  it('are refused when they end outside the account [F9]', async () => {
    const { publisher } = bench(undefined, { aliases: { [NAME]: 'x.elsewhere.test' } });
    const failure = await failureOf(publisher.locate(NAME));
    expect(failure).toMatchObject({ class: 'person', code: 'noHostedZone' });
    expect(failure.message).toContain(`${NAME} -> x.elsewhere.test`);
  });

  it('let two certificates share a target, each removing only its own value [F25]', async () => {
    const { publisher, record, client, zoneId } = bench();
    await publisher.publish([record('one', 'shared.example.com')]);
    await publisher.publish([record('two', 'shared.example.com')]);
    await publisher.remove([record('one', 'shared.example.com')]);
    expect((await txtSet(client, zoneId, 'shared.example.com'))?.values).toEqual(['"two"']);
  });
});
