import { describe, expect, it } from 'vitest';
import { AwsFault } from '../../local/aws/fault.ts';
import { DAY, HOUR, MINUTE } from '../support/virtual-account.ts';
import { expectOracles, servedAt } from './oracles.ts';
import { FOREVER, useStage } from './stage.ts';
import { txtSets } from './support.ts';

const stage = useStage();
const challengeOf = (domain: string) => `_acme-challenge.${domain}`;
const failureOf = async (name: string) => (await stage.account.role(name)).failure;
const challengesSent = () => stage.requestsAt('challenge').length;
const nameServers = () => (stage.account.route53.zones[0]?.nameServers ?? []).map((host) => host.replace(/\.$/, ''));

type Change = {
  readonly action: 'CREATE' | 'DELETE' | 'UPSERT';
  readonly name: string;
  readonly type: string;
  readonly values: readonly string[];
  readonly ttl?: number;
};

/** What somebody else changes in the zone. */
async function changeZone(...changes: readonly Change[]): Promise<void> {
  const [zone] = stage.account.route53.zones;
  const Changes = changes.map(({ action, name, type, values, ttl = 60 }) => ({
    Action: action,
    ResourceRecordSet: { Name: name, Type: type, TTL: ttl, ResourceRecords: values.map((Value) => ({ Value })) },
  }));
  await stage.account.route53.call('ChangeResourceRecordSets', { HostedZoneId: zone?.id, ChangeBatch: { Changes } });
  await stage.account.virtual.advance(MINUTE);
}

/** Route 53 refuses so many of its next changes. */
function refuseChanges(times: number, fault: () => Error): void {
  let left = times;
  stage.account.calls.plan = (call, act) => {
    if (call.operation !== 'ChangeResourceRecordSets' || left === 0) return act();
    left -= 1;
    return Promise.reject(fault());
  };
}

/** Codes of the warnings that machines were told. */
function warnings(certificate: string): readonly unknown[] {
  const told = stage.account.events.events().filter(({ detailType }) => detailType === 'certificate.warning');
  const facts = told.map(({ detail }): Record<string, unknown> => Object.fromEntries(Object.entries(Object(detail))));
  return facts.filter((each) => each.certificate === certificate).map(({ code }) => code);
}

const warned = (certificate: string) =>
  stage.account.sns.messages().filter(({ subject = '' }) => subject.includes(`a warning about ${certificate} `));

describe('Route 53', () => {
  it.each([
    ['Throttling', 'throttled'],
    ['PriorRequestNotComplete', 'prior'],
  ])('that answers %s to thirty changes costs waits, and nobody is told [F1, F2]', async (code, name) => {
    const domain = await stage.declare(name);
    refuseChanges(30, () => new AwsFault(code, 'Rate exceeded'));
    await stage.account.sweep();
    await expectOracles(stage.account, { domain, certificate: name, issued: 1 });
  });

  it('whose zone is deleted between finding and writing is a matter for a person, once, until it is there again [F4]', async () => {
    const domain = await stage.declare('gone');
    refuseChanges(FOREVER, () => new AwsFault('NoSuchHostedZone', 'No hosted zone found with ID: Z1', 404));
    await stage.account.sweep();
    expect(await failureOf('gone')).toMatchObject({ class: 'person', code: 'NoSuchHostedZone' });
    expect(challengesSent()).toBe(0);
    refuseChanges(0, () => new Error('never'));
    await stage.liveUntil(stage.issued(domain), 2 * DAY);
    await expectOracles(stage.account, { domain, certificate: 'gone', issued: 1, told: 1 });
  });

  it('whose changes are never in sync is a failure after 30 minutes, and no challenge is answered [F12]', async () => {
    const domain = await stage.declare('pending');
    const hour = stage.now() + HOUR;
    stage.account.calls.plan = async (call, act) => {
      const answer = await act();
      const pending = call.operation === 'GetChange' && stage.now() < hour;
      if (pending && isChange(answer)) answer.ChangeInfo.Status = 'PENDING';
      return answer;
    };
    await stage.account.sweep();
    const failure = await failureOf('pending');
    expect(failure).toMatchObject({ code: 'dnsNotPropagated' });
    expect(failure?.message).toContain('has not carried out the changes C');
    expect(challengesSent()).toBe(0);
    expect([...txtSets(stage.account).keys()]).not.toContain(challengeOf(domain));
    await stage.liveUntil(stage.issued(domain), DAY);
    await expectOracles(stage.account, { domain, certificate: 'pending', issued: 1, told: 1 });
  });
});

function isChange(answer: unknown): answer is { readonly ChangeInfo: { Status: string } } {
  return typeof answer === 'object' && answer !== null && 'ChangeInfo' in answer;
}

describe('a record set', () => {
  it('that others change before each of three writes is read again and merged, and theirs stays [F3, F21]', async () => {
    const domain = await stage.declare('raced');
    const name = challengeOf(domain);
    let left = 3;
    stage.account.calls.plan = async (call, act) => {
      if (call.operation === 'ChangeResourceRecordSets' && left > 0) {
        left -= 1;
        const [zone] = stage.account.route53.zones;
        const ResourceRecords = [{ Value: `"theirs ${left}"` }];
        const Changes = [
          { Action: 'UPSERT', ResourceRecordSet: { Name: name, Type: 'TXT', TTL: 60, ResourceRecords } },
        ];
        await stage.account.route53.call('ChangeResourceRecordSets', {
          HostedZoneId: zone?.id,
          ChangeBatch: { Changes },
        });
      }
      return act();
    };
    await stage.account.sweep();
    expect(txtSets(stage.account).get(name)).toEqual(['"theirs 0"']);
    await changeZone({ action: 'DELETE', name, type: 'TXT', values: ['"theirs 0"'] });
    await expectOracles(stage.account, { domain, certificate: 'raced', issued: 1 });
  });

  it('that is full is a matter for a person, and no order is validated before there is room [F7]', async () => {
    const domain = await stage.declare('full');
    const name = challengeOf(domain);
    const values = Array.from({ length: 400 }, (_, at) => `"${at}"`);
    await changeZone({ action: 'CREATE', name, type: 'TXT', values });
    await stage.account.sweep();
    expect(await failureOf('full')).toMatchObject({ class: 'person', code: 'recordSetFull' });
    expect(challengesSent()).toBe(0);
    await changeZone({ action: 'DELETE', name, type: 'TXT', values });
    await stage.liveUntil(stage.issued(domain), 2 * DAY);
    await expectOracles(stage.account, { domain, certificate: 'full', issued: 1, told: 1 });
  });

  it('of others with a TTL of a day keeps value and TTL, and that is told to machines [F24]', async () => {
    const domain = await stage.declare('cached');
    const foreign = { name: challengeOf(domain), type: 'TXT', values: ['"leftover"'], ttl: 86_400 };
    await changeZone({ action: 'CREATE', ...foreign });
    await stage.account.sweep();
    expect(warnings('cached')).toEqual(['foreignTtl']);
    expect(warned('cached')).toEqual([]);
    await changeZone({ action: 'DELETE', ...foreign });
    await expectOracles(stage.account, { domain, certificate: 'cached', issued: 1 });
  });
});

describe('a CNAME at the challenge name', () => {
  it.each([
    [
      'is a loop',
      'loop',
      'a-loop.example.test',
      ['a-loop.example.test', '_acme-challenge.loop.example.test'],
      'cnameLoop',
    ],
    ['leads to no zone', 'dangling', 'nowhere.invalid', [], 'noHostedZone'],
  ])(
    'that %s is a matter for a person, with the chain, until it is mended [F9]',
    async (_what, label, target, more, code) => {
      const domain = await stage.declare(label);
      const name = challengeOf(domain);
      const [from, to] = more;
      const loop = from === undefined || to === undefined ? [] : [{ name: from, type: 'CNAME', values: [to] }];
      const records = [{ name, type: 'CNAME', values: [target] }, ...loop];
      await changeZone(...records.map((record) => ({ action: 'CREATE' as const, ...record })));
      await stage.account.sweep();
      const failure = await failureOf(label);
      expect(failure).toMatchObject({ class: 'person', code });
      expect(failure?.message).toContain(`${name} -> ${target}`);
      await changeZone(...records.map((record) => ({ action: 'DELETE' as const, ...record })));
      await stage.liveUntil(stage.issued(domain), 2 * DAY);
      await expectOracles(stage.account, { domain, certificate: label, issued: 1, told: 1 });
    },
  );

  it('that DNS does not show yet stands where no TXT record can, which a person is told [F10]', async () => {
    const domain = await stage.declare('beside');
    const name = challengeOf(domain);
    const cname = { name, type: 'CNAME', values: ['elsewhere.example.test'] };
    let made = false;
    stage.account.calls.plan = async (call, act) => {
      if (call.operation === 'ChangeResourceRecordSets' && !made) {
        made = true;
        const [zone] = stage.account.route53.zones;
        const set = { Name: name, Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value: cname.values[0] }] };
        await stage.account.route53.call('ChangeResourceRecordSets', {
          HostedZoneId: zone?.id,
          ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet: set }] },
        });
      }
      return act();
    };
    await stage.account.sweep();
    expect(await failureOf('beside')).toMatchObject({ class: 'person', code: 'recordConflict' });
    await changeZone({ action: 'DELETE', ...cname });
    await stage.liveUntil(stage.issued(domain), 2 * DAY);
    await expectOracles(stage.account, { domain, certificate: 'beside', issued: 1, told: 1 });
  });

  it('that two certificates share lets both be issued at once, each with its own value removed [F25]', async () => {
    const { account } = stage;
    const shared = 'shared.example.test';
    const aliases = ['one', 'two'].map((label) => ({
      name: challengeOf(`${label}.example.test`),
      type: 'CNAME',
      values: [shared],
    }));
    await changeZone(...aliases.map((alias) => ({ action: 'CREATE' as const, ...alias })));
    let most = 0;
    account.calls.plan = async (_call, act) => {
      const answer = await act();
      most = Math.max(most, txtSets(account).get(shared)?.length ?? 0);
      return answer;
    };
    await account.deploy(['one', 'two'].map((label) => account.declaration(label, [`${label}.example.test`])));
    await account.sweep();
    expect(most).toBe(2);
    for (const certificate of ['one', 'two'])
      await expectOracles(account, { domain: `${certificate}.example.test`, certificate, issued: 1 });
    await changeZone(...aliases.map((alias) => ({ action: 'DELETE' as const, ...alias })));
  });
});

describe('name servers', () => {
  it('of which one is dead are waited for, then passed by with a warning, and the certificate is issued [F14]', async () => {
    const domain = await stage.declare('dead');
    const [dead = ''] = nameServers();
    stage.account.dns.faults.set(`@${dead}`, { kind: 'drop' });
    const before = stage.now();
    await stage.account.sweep();
    expect(stage.now() - before).toBeGreaterThan(30 * MINUTE);
    expect(warnings('dead')).toEqual(['nameServerSilent']);
    expect(
      warned('dead')
        .map(({ message }) => message)
        .join(),
    ).toContain(dead);
    await expectOracles(stage.account, { domain, certificate: 'dead', issued: 1 });
  });

  it('of which half answer SERVFAIL are a failure that names them, and no challenge is answered [F14]', async () => {
    const domain = await stage.declare('half');
    const [first = '', second = ''] = nameServers();
    for (const server of [first, second]) stage.account.dns.faults.set(`@${server}`, { kind: 'servfail' });
    await stage.account.sweep();
    const failure = await failureOf('half');
    expect(failure).toMatchObject({ code: 'dnsNotPropagated' });
    expect(failure?.message).toContain(first);
    expect(failure?.message).toContain('SERVFAIL');
    expect(challengesSent()).toBe(0);
    stage.account.dns.faults.clear();
    await stage.liveUntil(stage.issued(domain), DAY);
    await expectOracles(stage.account, { domain, certificate: 'half', issued: 1, told: 1 });
  });

  it('of which one has IPv6 only are asked but for that one, at once, and machines are told [F18]', async () => {
    const domain = await stage.declare('six');
    stage.account.dns.faults.set(`@${nameServers()[0]}`, { kind: 'ipv6Only' });
    // Addresses are remembered for a minute.
    await stage.account.virtual.advance(2 * MINUTE);
    const before = stage.now();
    await stage.account.sweep();
    expect(stage.now() - before).toBeLessThan(10 * MINUTE);
    expect(warnings('six')).toEqual(['nameServerPassedBy']);
    await expectOracles(stage.account, { domain, certificate: 'six', issued: 1 });
  });

  it('that know no such name yet are waited for [F13, F15]', async () => {
    const domain = await stage.declare('later');
    stage.account.dns.faults.set(challengeOf(domain), { kind: 'lag', until: stage.now() + 20 * MINUTE });
    await stage.account.sweep();
    await expectOracles(stage.account, { domain, certificate: 'later', issued: 1 });
  });

  it('that are in sync and never show the value cost no validation: they are named, and the old certificate is served on [F26]', async () => {
    const domain = await stage.declare('blind');
    await stage.account.sweep();
    const before = await servedAt(stage.account, domain);
    const { renewAt = 0 } = await stage.account.role('blind');
    await stage.account.virtual.advance(renewAt - stage.now() + MINUTE);
    const answered = challengesSent();
    stage.account.dns.faults.set(challengeOf(domain), { kind: 'lag', until: FOREVER });
    await stage.account.sweep();
    const failure = await failureOf('blind');
    for (const server of nameServers()) expect(failure?.message).toContain(server);
    expect(challengesSent()).toBe(answered);
    stage.account.dns.faults.clear();
    await stage.liveUntil(stage.issued(domain, 2), 2 * DAY);
    await expectOracles(stage.account, { domain, certificate: 'blind', issued: 2, told: 1, before });
  });

  it('whose zone does not validate are SERVFAIL at the resolver: told with DNSSEC as a reason, before the CA is asked [F17]', async () => {
    const domain = await stage.declare('bogus');
    stage.account.dns.faults.set(challengeOf(domain), { kind: 'servfail' });
    await stage.account.sweep();
    const failure = await failureOf('bogus');
    expect(failure).toMatchObject({ class: 'transient', code: 'dnsLookupFailed' });
    expect(failure?.message).toContain('its DNSSEC does not hold: compare the DS records');
    expect(challengesSent()).toBe(0);
    stage.account.dns.faults.clear();
    await stage.liveUntil(stage.issued(domain), DAY);
    await expectOracles(stage.account, { domain, certificate: 'bogus', issued: 1, told: 1 });
  });
});

describe('CAA', () => {
  it.each([
    ['names another issuer', '0 issue "other.test"', 'issuer'],
    ['forbids every issuer', '0 issue ";"', 'nobody'],
    ['names another account', '0 issue "ca.localhost; accounturi=https://ca.localhost/acct/999"', 'account'],
    ['leaves dns-01 out', '0 issue "ca.localhost; validationmethods=http-01"', 'method'],
  ])(
    'that %s is told once with the record, tried once a day, and over once it is mended [F22]',
    async (_what, value, label) => {
      const domain = await stage.declare(label);
      const record = { name: domain, type: 'CAA', values: [value] };
      await changeZone({ action: 'CREATE', ...record });
      await stage.account.sweep();
      expect(await failureOf(label)).toMatchObject({ class: 'person', code: 'caa' });
      const began = stage.now();
      await stage.liveUntil(() => stage.now() > began + 3 * DAY, 2 * DAY);
      expect(stage.requestsAt('newOrder').length).toBeLessThanOrEqual(5);
      await changeZone({ action: 'DELETE', ...record });
      await stage.liveUntil(stage.issued(domain), 2 * DAY);
      await expectOracles(stage.account, { domain, certificate: label, issued: 1, told: 1 });
    },
  );

  it('that names this issuer hinders nothing, and forbids no wildcard unless it says so [F22]', async () => {
    const domain = await stage.declare('wild', {}, ['*.wild.example.test']);
    const wild = { name: 'wild.example.test', type: 'CAA', values: ['0 issue "ca.localhost"', '0 issuewild ";"'] };
    await changeZone({ action: 'CREATE', ...wild });
    await stage.account.sweep();
    expect(await failureOf('wild')).toMatchObject({ class: 'person', code: 'caa' });
    await changeZone({ action: 'UPSERT', ...wild, values: ['0 issue "ca.localhost"'] });
    await stage.liveUntil(stage.issued(domain), 2 * DAY);
    await expectOracles(stage.account, { domain, certificate: 'wild', issued: 1, told: 1 });
    await changeZone({ action: 'DELETE', ...wild, values: ['0 issue "ca.localhost"'] });
  });
});
