import { describe, expect, it } from 'vitest';
import type { CaSettings } from '../../lambdas/core/declaration.ts';
import { BOULDER_HABITS } from '../../local/ca/habits.ts';
import { DAY, HOUR, MINUTE } from '../support/virtual-account.ts';
import { expectOracles, failuresTold } from './oracles.ts';
import { FOREVER, problemFault, rewriteBody, useStage } from './stage.ts';

const stage = useStage(
  { habits: BOULDER_HABITS, blockedNames: ['bad.example.test'] },
  {},
  { defaultProfile: 'shortlived' },
);

function ca(changes: Partial<CaSettings> = {}): CaSettings {
  const [settings] = stage.account.declaration('x', ['x.example.test']).cas;
  return { ...settings, ...changes };
}

/** Payloads of the newOrder requests that the CA has read, the latest last. */
function orders(): readonly { readonly identifiers: readonly { value: string }[]; readonly profile?: string }[] {
  const sent = stage.account.ca.journal.requests.filter(({ endpoint, payload }) => endpoint === 'newOrder' && payload);
  return sent.map(({ payload = '{}' }) => JSON.parse(payload));
}

const patience = async (name: string): Promise<number> => ((await stage.account.role(name)).dueAt ?? 0) - stage.now();

async function renewNow(name: string): Promise<void> {
  const { renewAt = 0 } = await stage.account.role(name);
  await stage.account.virtual.advance(renewAt - stage.now() + 1);
}

describe('an order', () => {
  it('that is ready at once, since all authorizations are reused, is finalized without a challenge [D1]', async () => {
    const domain = await stage.declare('reused');
    await stage.account.sweep();
    const challenges = stage.requestsAt('challenge').length;
    const twin = stage.account.declaration('twin', [domain], { keyType: 'ecdsa-p384' });
    await stage.account.deploy([stage.account.declaration('reused', [domain]), twin]);
    await stage.account.sweep();
    expect(stage.issued(domain, 2)()).toBe(true);
    expect(stage.requestsAt('challenge')).toHaveLength(challenges);
    await expectOracles(stage.account, { domain, certificate: 'twin', issued: 2 });
  });

  it('that was there before, because its first answer was lost, is gone on with [D2]', async () => {
    stage.account.ca.faults.add({ endpoint: 'newOrder', fault: { kind: 'lose' } });
    const domain = await stage.declare('before');
    expect(await stage.liveUntil(stage.issued(domain), DAY)).toBe(true);
    const urls = stage.account.ca.control.orders().filter(({ names }) => names.includes(domain));
    expect(urls).toHaveLength(1);
    expect(stage.requestsAt('newOrder')).toHaveLength(2);
    await expectOracles(stage.account, {
      domain,
      certificate: 'before',
      issued: 1,
      told: failuresTold(stage.account, 'before').length,
    });
  });

  it.each([
    ['a name more', (ids: readonly object[]) => [...ids, { type: 'dns', value: 'more.example.test' }]],
    ['a name less', (ids: readonly object[]) => ids.slice(1)],
    [
      'another name',
      () => [
        { type: 'dns', value: 'another.example.test' },
        { type: 'dns', value: 'third.example.test' },
      ],
    ],
  ])('for %s is dropped, told, and followed by another [D3]', async (what, change) => {
    const name = what.replaceAll(' ', '-');
    const domains = [`${name}.example.test`, `www.${name}.example.test`];
    const other = rewriteBody(({ identifiers, ...rest }) => ({
      ...rest,
      identifiers: change(Array.isArray(identifiers) ? identifiers : []),
    }));
    stage.account.ca.faults.add({ endpoint: 'newOrder', fault: other });
    const domain = await stage.declare(name, {}, domains);
    await stage.account.sweep();
    expect((await stage.account.role(name)).failure).toMatchObject({ class: 'caSide', code: 'otherNames' });
    expect((await stage.account.slot(domains))?.order).toBeUndefined();
    expect(await stage.liveUntil(stage.issued(domain), DAY)).toBe(true);
    await expectOracles(stage.account, { domain, certificate: name, issued: 1, told: 1 });
  });

  it.each([
    ['no finalize', { finalize: undefined }],
    ['an empty finalize', { finalize: '' }],
    ['no authorizations', { authorizations: undefined }],
    ['empty authorizations', { authorizations: [] }],
  ])('with %s is none that could be followed, and another takes its place [D4]', async (what, lacking) => {
    const name = what.replaceAll(' ', '-');
    stage.account.ca.faults.add({ endpoint: 'newOrder', fault: rewriteBody((order) => ({ ...order, ...lacking })) });
    const domain = await stage.declare(name);
    expect(await stage.liveUntil(stage.issued(domain), DAY)).toBe(true);
    await expectOracles(stage.account, {
      domain,
      certificate: name,
      issued: 1,
      told: failuresTold(stage.account, name).length,
    });
  });

  it('never has dates of its own, which Let’s Encrypt refuses [D10]', async () => {
    const domain = await stage.declare('undated');
    await stage.account.sweep();
    expect(orders().at(-1)).toEqual({ identifiers: [{ type: 'dns', value: domain }] });
    await expectOracles(stage.account, { domain, certificate: 'undated', issued: 1 });
  });

  it('that the CA gives a profile nobody asked for is renewed by the certificate’s own lifetime [D11]', async () => {
    const domain = await stage.declare('short', { cas: [stage.otherCa()] });
    await stage.account.sweep();
    const { renewAt = 0, notAfter = 0, notBefore = 0 } = await stage.account.role('short');
    expect(notAfter - notBefore).toBeLessThan(7 * DAY);
    expect((notAfter - renewAt) / (notAfter - notBefore)).toBeCloseTo(0.51, 1);
    await expectOracles(stage.account, { domain, certificate: 'short', issued: 1, alsoAt: [stage.other] });
  });

  it('that is born invalid is reported with its error; the next one counts as after a failure [D22]', async () => {
    const error = { type: 'urn:ietf:params:acme:error:connection', detail: 'Timeout during connect', status: 400 };
    const born = rewriteBody((order) => ({ ...order, status: 'invalid', error }));
    stage.account.ca.faults.add({ endpoint: 'newOrder', fault: born });
    const domain = await stage.declare('born');
    await stage.account.sweep();
    const { failure } = await stage.account.role('born');
    expect(failure).toMatchObject({ class: 'reorder', code: 'connection' });
    expect(failure?.message).toContain('Timeout during connect');
    expect(await stage.liveUntil(stage.issued(domain), DAY)).toBe(true);
    const [first = 0, second = 0] = stage.requestsAt('newOrder');
    expect(second - first).toBeGreaterThanOrEqual(12 * MINUTE);
    await expectOracles(stage.account, { domain, certificate: 'born', issued: 1, told: 1 });
  });

  it('whose status nobody knows is not yet, and read again until it is known [D25]', async () => {
    const known = stage.now() + 10 * MINUTE;
    for (const endpoint of ['newOrder', 'order'] as const) {
      stage.account.ca.faults.add({
        endpoint,
        fault: rewriteBody((order) => ({ ...order, status: 'deferred' })),
        times: FOREVER,
        when: () => stage.now() < known,
      });
    }
    const domain = await stage.declare('deferred');
    expect(await stage.liveUntil(stage.issued(domain), DAY)).toBe(true);
    const mine = stage.account.ca.control.orders().filter(({ names }) => names.includes(domain));
    expect(mine).toHaveLength(1);
    await expectOracles(stage.account, { domain, certificate: 'deferred', issued: 1 });
  });

  it('that two certificates with the same names and other keys share is finalized by one of them [D24]', async () => {
    const domains = ['both.example.test'];
    const one = stage.account.declaration('one', domains);
    const other = stage.account.declaration('other', domains, { keyType: 'ecdsa-p384' });
    await stage.account.deploy([one, other]);
    await stage.account.sweep();
    expect(await stage.liveUntil(stage.issued('both.example.test', 2), 4 * HOUR)).toBe(true);
    for (const { url } of stage.account.ca.control.orders())
      expect(stage.account.ca.journal.finalizes(url)).toBeLessThanOrEqual(1);
    const roles = await Promise.all(['one', 'other'].map((name) => stage.account.role(name)));
    expect(new Set(roles.map(({ version }) => version)).size).toBe(2);
    expect([...failuresTold(stage.account, 'one'), ...failuresTold(stage.account, 'other')]).toEqual([]);
    expect(stage.account.txtValues()).toEqual([]);
  });
});

describe('names', () => {
  it('that the CA rejects are reported to a person, and asked for once a day [D5]', async () => {
    const domain = await stage.declare('bad');
    await stage.account.sweep();
    const { failure } = await stage.account.role('bad');
    expect(failure).toMatchObject({ class: 'person', code: 'rejectedIdentifier', status: 400 });
    expect(failure?.message).toContain('bad.example.test');
    expect(await patience('bad')).toBeGreaterThan(20 * HOUR);
    await stage.liveUntil(() => false, 3 * DAY);
    const sent = orders().filter(({ identifiers }) => identifiers.some(({ value }) => value === domain)).length;
    expect(sent).toBeLessThanOrEqual(4);
    expect(sent).toBeGreaterThanOrEqual(3);
    await expectOracles(stage.account, { domain, certificate: 'bad', issued: 0, told: 1 });
  });

  it('of which some are bad are all reported, and none is left out of an order [D6]', async () => {
    const subproblems = ['one', 'two'].map((label) => ({
      type: 'urn:ietf:params:acme:error:rejectedIdentifier',
      detail: `${label} is on a list`,
      identifier: { type: 'dns', value: `${label}.mixed.example.test` },
    }));
    const refused = problemFault(400, 'malformed', 'Some names were refused', {
      headers: { 'x-request-id': 'req-4711' },
      fields: { subproblems },
    });
    stage.account.ca.faults.add({ endpoint: 'newOrder', fault: refused });
    const domains = ['mixed.example.test', 'one.mixed.example.test', 'two.mixed.example.test'];
    const domain = await stage.declare('mixed', {}, domains);
    await stage.account.sweep();
    const { failure } = await stage.account.role('mixed');
    expect(failure).toMatchObject({
      class: 'person',
      subproblems: [{ identifier: domains[1] }, { identifier: domains[2] }],
    });
    for (const label of ['one', 'two']) expect(failure?.message).toContain(`${label} is on a list`);
    await stage.liveUntil(stage.issued(domain), 2 * DAY);
    expect(
      orders()
        .at(-1)
        ?.identifiers.map(({ value }) => value),
    ).toEqual(domains);
    expect(failure?.requestId).toBe('req-4711');
    const told = stage.account.sns.messages().map(({ message }) => message);
    expect(told.filter((body) => body.includes('local calls the request req-4711.'))).toHaveLength(1);
    await expectOracles(stage.account, { domain, certificate: 'mixed', issued: 1, told: 1 });
  });

  it('that are redundant are ordered as declared; a refusal for it is reported in full [D23]', async () => {
    const domains = ['*.red.example.test', 'a.red.example.test', 'red.example.test'];
    const detail = 'Domain name "a.red.example.test" is redundant with a wildcard domain in the same request';
    stage.account.ca.faults.add({ endpoint: 'newOrder', fault: problemFault(400, 'malformed', detail) });
    await stage.declare('redundant', {}, domains);
    await stage.account.sweep();
    expect((await stage.account.role('redundant')).failure?.message).toContain(detail);
    expect(await stage.liveUntil(stage.issued('red.example.test'), 2 * DAY)).toBe(true);
    expect(
      orders()
        .at(-1)
        ?.identifiers.map(({ value }) => value),
    ).toEqual(domains);
    await expectOracles(stage.account, { domain: 'red.example.test', certificate: 'redundant', issued: 1, told: 1 });
  });
});

describe('a profile', () => {
  it.each([
    [400, 'invalidProfile', 'profile "tlsserver" does not exist'],
    [403, 'unauthorized', 'account may not use the profile "tlsserver"'],
  ])('that is preferred and refused (%i %s) is left out of one more request [D9]', async (status, type, detail) => {
    stage.account.ca.faults.add({ endpoint: 'newOrder', fault: problemFault(status, type, detail) });
    const domain = await stage.declare(`liked-${status}`, { cas: [ca({ profile: 'tlsserver' })] });
    await stage.account.sweep();
    expect(stage.requestsAt('newOrder')).toHaveLength(2);
    expect(orders().at(-1)).not.toHaveProperty('profile');
    await expectOracles(stage.account, { domain, certificate: `liked-${status}`, issued: 1 });
  });

  it('that is required and refused is for a person, and asked for once a day [D9]', async () => {
    const refused = problemFault(400, 'invalidProfile', 'no such profile');
    stage.account.ca.faults.add({ endpoint: 'newOrder', fault: refused, times: FOREVER });
    const wanted = ca({ profile: 'tlsserver', profileRequired: true });
    const domain = await stage.declare('needed', { cas: [wanted] });
    await stage.account.sweep();
    expect((await stage.account.role('needed')).failure).toMatchObject({ class: 'person', code: 'invalidProfile' });
    expect(stage.requestsAt('newOrder')).toHaveLength(1);
    expect(await patience('needed')).toBeGreaterThan(20 * HOUR);
    await expectOracles(stage.account, { domain, certificate: 'needed', issued: 0, told: 1 });
  });
});

describe('newOrder', () => {
  it('for a paused name is for a person, with the URL, once a day until the pause is lifted [D14]', async () => {
    const domain = await stage.declare('paused');
    await stage.account.sweep();
    await renewNow('paused');
    const owner = stage.account.ca.journal.issued.at(-1)?.account ?? '';
    stage.account.ca.control.pause(owner, domain);
    for (const { url } of stage.account.ca.control.orders()) expect(url).toContain('https://');
    await stage.account.sweep();
    const { failure } = await stage.account.role('paused');
    expect(failure).toMatchObject({ class: 'person', code: 'rateLimited', status: 429 });
    expect(failure?.url).toMatch(/^https:\/\/ca\.localhost\/unpause\?account=/);
    expect(await patience('paused')).toBeGreaterThan(20 * HOUR);
    stage.account.ca.control.unpause(owner, domain);
    expect(await stage.liveUntil(stage.issued(domain, 2), 2 * DAY)).toBe(true);
    await expectOracles(stage.account, { domain, certificate: 'paused', issued: 2, told: 1 });
  });

  it('that is answered 500 with Retry-After is not sent again before that [D15]', async () => {
    const broken = problemFault(500, 'serverInternal', 'oops', { headers: { 'retry-after': '600' } });
    stage.account.ca.faults.add({ endpoint: 'newOrder', fault: broken });
    const domain = await stage.declare('broken');
    expect(await stage.liveUntil(stage.issued(domain), DAY)).toBe(true);
    const [first = 0, second = 0] = stage.requestsAt('newOrder');
    expect(second - first).toBeGreaterThanOrEqual(10 * MINUTE);
    await expectOracles(stage.account, { domain, certificate: 'broken', issued: 1, told: 1 });
  });
});
