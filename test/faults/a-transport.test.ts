import { describe, expect, it } from 'vitest';
import type { CaSettings } from '../../lambdas/core/declaration.ts';
import { listVersions } from '../../lambdas/store/certificates.ts';
import type { Endpoint } from '../../local/ca/wire.ts';
import { DAY, HOUR, MINUTE } from '../support/virtual-account.ts';
import { expectOracles, failuresTold } from './oracles.ts';
import { FOREVER, problemFault, rewriteBody, useStage } from './stage.ts';

const stage = useStage();
const HTML = { headers: { 'content-type': 'text/html' }, body: '<html><h1>busy</h1></html>' };

/** Every request of a renewal whose account exists. */
const ENDPOINTS: readonly Endpoint[] = [
  'newNonce',
  'newOrder',
  'authorization',
  'challenge',
  'order',
  'finalize',
  'certificate',
];

/** The stage's CA under another name and account. */
function ca(changes: Partial<CaSettings>): CaSettings {
  const [settings] = stage.account.declaration('x', ['x.example.test']).cas;
  return { ...settings, ...changes };
}

/** Forgets what the connector and the account row know, so that the next step reads the directory and a nonce. */
async function coldStart(): Promise<void> {
  await stage.account.virtual.advance(2 * HOUR);
  while (stage.account.ports.order.acme.takeNonce(stage.account.ca.directoryUrl) !== '');
}

describe('a CA that cannot be reached', () => {
  it('is tried again by the ladder, and the certificate comes once it is back [A1]', async () => {
    const back = stage.now() + 30 * MINUTE;
    stage.account.ca.faults.add({
      endpoint: 'any',
      fault: { kind: 'refuse' },
      times: FOREVER,
      when: () => stage.now() < back,
    });
    const domain = await stage.declare('refused');
    expect(await stage.liveUntil(stage.issued(domain), DAY)).toBe(true);
    await expectOracles(stage.account, { domain, certificate: 'refused', issued: 1, told: 1 });
  });

  it('for hours gives way to the next CA after three failures, and the version says who issued it [A1, D20]', async () => {
    const down = stage.now() + 12 * HOUR;
    stage.account.ca.faults.add({
      endpoint: 'any',
      fault: { kind: 'refuse' },
      times: FOREVER,
      when: () => stage.now() < down,
    });
    const domain = await stage.declare('switched', { cas: [ca({}), stage.otherCa()] });
    expect(await stage.liveUntil(stage.issued(domain), 11 * HOUR)).toBe(true);
    expect(stage.other.journal.issued.map(({ names }) => names)).toEqual([[domain]]);
    const [version] = await listVersions(stage.account.ports.base.table, 'switched');
    expect(version).toMatchObject({ ca: 'other', account: { directoryUrl: stage.other.directoryUrl } });
    await expectOracles(stage.account, { domain, certificate: 'switched', issued: 1, alsoAt: [stage.other], told: 1 });
  });

  it.each(ENDPOINTS)('so that the answer of %s is lost costs no second certificate [A3]', async (endpoint) => {
    await coldStart();
    stage.account.ca.faults.add({ endpoint, fault: { kind: 'lose' } });
    const name = `lost-${endpoint.toLowerCase()}`;
    const domain = await stage.declare(name);
    expect(await stage.liveUntil(stage.issued(domain), DAY)).toBe(true);
    const told = failuresTold(stage.account, name).length;
    expect(told).toBeLessThanOrEqual(1);
    await expectOracles(stage.account, { domain, certificate: name, issued: 1, told });
    expect(stage.requestsAt('finalize')).toHaveLength(1);
  });
});

describe('a CA that acts and then hangs', () => {
  it.each(['/acme/new-order', '/acme/finalize'])(
    'at %s is given up in time, and what it did is found by reading [A2]',
    async (path) => {
      const name = `hangs-${path.length}`;
      const { account } = stage;
      let hung = 0;
      account.calls.plan = async (call, act) => {
        await act();
        const last = account.ca.journal.requests.at(-1);
        if (call.service !== 'acme' || hung > 0 || !last?.url.includes(path)) return;
        hung += 1;
        await account.virtual.clock.sleep(30_000);
        throw new Error('aborted at the deadline');
      };
      const domain = await stage.declare(name);
      expect(await stage.liveUntil(stage.issued(domain), DAY)).toBe(true);
      expect(hung).toBe(1);
      expect(stage.requestsAt('finalize')).toHaveLength(1);
      await expectOracles(account, { domain, certificate: name, issued: 1, told: failuresTold(account, name).length });
    },
  );
});

describe('the TLS certificate of a CA', () => {
  it.each(['CERT_HAS_EXPIRED', 'SELF_SIGNED_CERT_IN_CHAIN', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
    'that does not hold (%s) is for a person where it never did, and the CA’s side where it did [A9]',
    async (code) => {
      const label = code.toLowerCase().replaceAll('_', '-');
      const { account } = stage;
      const refuse: typeof account.calls.plan = async (call, act) => {
        if (call.service === 'acme') throw Object.assign(new Error('certificate does not hold'), { code });
        await act();
      };
      account.calls.plan = refuse;
      const domain = await stage.declare(`new-${label}`, { cas: [ca({ accountLabel: label })] });
      await account.sweep();
      const { failure } = await account.role(`new-${label}`);
      expect(failure).toMatchObject({ class: 'person', code: 'untrustedCa' });
      expect(failure?.message).toContain('cas.local.rootsPem');
      account.calls.plan = (_call, act) => act();
      expect(await stage.liveUntil(stage.issued(domain), 2 * DAY)).toBe(true);
      await expectOracles(account, { domain, certificate: `new-${label}`, issued: 1, told: 1 });

      account.calls.plan = refuse;
      const known = await stage.declare(`old-${label}`, { cas: [ca({ accountLabel: label })] });
      await account.sweep();
      expect((await account.role(`old-${label}`)).failure).toMatchObject({ class: 'caSide', code: 'untrustedCa' });
      account.calls.plan = (_call, act) => act();
      expect(await stage.liveUntil(stage.issued(known), DAY)).toBe(true);
      await expectOracles(account, { domain: known, certificate: `old-${label}`, issued: 1, told: 1 });
    },
  );
});

describe('what is sent to a CA', () => {
  it('has a User-Agent, without which some refuse it [A13]', async () => {
    const agents = new Set<string | undefined>();
    stage.account.ca.faults.add({
      endpoint: 'any',
      times: FOREVER,
      when: ({ headers }) => {
        agents.add(headers['user-agent']);
        return !/^perennial\/\d/.test(headers['user-agent'] ?? '');
      },
      fault: { kind: 'answer', status: 400, body: '' },
    });
    await coldStart();
    const domain = await stage.declare('agent');
    await stage.account.sweep();
    await expectOracles(stage.account, { domain, certificate: 'agent', issued: 1 });
    expect([...agents]).toHaveLength(1);
  });
});

describe('what stands before a CA', () => {
  it.each(ENDPOINTS)(
    'answers %s by 503 in HTML with Retry-After: waited for, and no failure of the CA [A4]',
    async (endpoint) => {
      await coldStart();
      const headers = { ...HTML.headers, 'retry-after': '1800' };
      stage.account.ca.faults.add({ endpoint, fault: { kind: 'answer', status: 503, headers, body: HTML.body } });
      const name = `busy-${endpoint.toLowerCase()}`;
      const domain = await stage.declare(name);
      await stage.account.sweep();
      const role = await stage.account.role(name);
      expect(role.failure?.class ?? 'later').toBe('later');
      expect(role.caFailures?.local?.count ?? 0).toBe(0);
      expect(await stage.liveUntil(stage.issued(domain), DAY)).toBe(true);
      const [first = 0, second = first + HOUR] = stage.requestsAt(endpoint);
      expect(second - first).toBeGreaterThanOrEqual(1_800_000);
      await expectOracles(stage.account, {
        domain,
        certificate: name,
        issued: 1,
        told: failuresTold(stage.account, name).length,
      });
    },
  );

  it.each([502, 504])(
    'answers %d without a body at every request once: as if there were no answer [A5]',
    async (status) => {
      await coldStart();
      for (const endpoint of ENDPOINTS)
        stage.account.ca.faults.add({ endpoint, fault: { kind: 'answer', status, body: '' } });
      const name = `gateway-${status}`;
      const domain = await stage.declare(name);
      expect(await stage.liveUntil(stage.issued(domain), 2 * DAY)).toBe(true);
      await expectOracles(stage.account, {
        domain,
        certificate: name,
        issued: 1,
        told: failuresTold(stage.account, name).length,
      });
    },
  );

  it('answers 503 of type rateLimited: load, no limit of the account; waited for without counting [A15]', async () => {
    const busy = problemFault(503, 'rateLimited', 'Service busy; retry later');
    stage.account.ca.faults.add({ endpoint: 'newOrder', fault: busy, times: 3 });
    const domain = await stage.declare('load');
    await stage.account.sweep();
    const role = await stage.account.role('load');
    expect(role.failure).toMatchObject({ class: 'later', scope: 'ca' });
    expect(role.caFailures?.local?.count).toBe(0);
    expect(await stage.liveUntil(stage.issued(domain), DAY)).toBe(true);
    await expectOracles(stage.account, { domain, certificate: 'load', issued: 1, told: 1 });
  });
});

describe('a directory', () => {
  it('and every other object with members that no standard has is read as ever [A6]', async () => {
    await coldStart();
    stage.account.ca.faults.add({ endpoint: 'any', fault: { kind: 'extraFields' }, times: FOREVER });
    const domain = await stage.declare('grown');
    await stage.account.sweep();
    await expectOracles(stage.account, { domain, certificate: 'grown', issued: 1 });
  });

  it.each([
    ['is empty', () => ''],
    ['is not JSON', () => '<html></html>'],
    ['lacks newOrder', (body: string) => JSON.stringify({ ...JSON.parse(body), newOrder: undefined })],
    ['lacks newNonce', (body: string) => JSON.stringify({ ...JSON.parse(body), newNonce: undefined })],
  ])('that %s is for a person where it never worked, and the CA’s side where it did [A7]', async (what, spoil) => {
    const placed = stage.account.ca.faults.add({
      endpoint: 'directory',
      times: FOREVER,
      fault: { kind: 'rewrite', change: (answer) => ({ ...answer, body: spoil(answer.body) }) },
    });
    const name = what.replaceAll(' ', '-').toLowerCase();
    const domain = await stage.declare(`never-${name}`, { cas: [ca({ accountLabel: name })] });
    await stage.account.sweep();
    const { failure } = await stage.account.role(`never-${name}`);
    expect(failure).toMatchObject({ class: 'person' });
    expect(failure?.message).toContain('cas.local.directoryUrl');
    placed.remove();
    expect(await stage.liveUntil(stage.issued(domain), 2 * DAY)).toBe(true);
    await expectOracles(stage.account, { domain, certificate: `never-${name}`, issued: 1, told: 1 });

    await coldStart();
    const back = stage.now() + 5 * MINUTE;
    stage.account.ca.faults.add({
      endpoint: 'directory',
      times: FOREVER,
      when: () => stage.now() < back,
      fault: { kind: 'rewrite', change: (answer) => ({ ...answer, body: spoil(answer.body) }) },
    });
    const again = await stage.declare(`again-${name}`, { cas: [ca({ accountLabel: name })] });
    await stage.account.sweep();
    expect((await stage.account.role(`again-${name}`)).failure).toMatchObject({ class: 'caSide' });
    expect(await stage.liveUntil(stage.issued(again), DAY)).toBe(true);
    await expectOracles(stage.account, { domain: again, certificate: `again-${name}`, issued: 1, told: 1 });
  });

  it('without profiles: a preferred one is left out, a required one stops for a person [A8]', async () => {
    await coldStart();
    const without = rewriteBody(({ meta: _, renewalInfo: __, ...rest }) => rest);
    stage.account.ca.faults.add({ endpoint: 'directory', fault: without, times: FOREVER });
    const domain = await stage.declare('preferred', { cas: [ca({ profile: 'tlsserver' })] });
    await stage.account.sweep();
    await expectOracles(stage.account, { domain, certificate: 'preferred', issued: 1 });
    expect(stage.account.ca.journal.issued.at(-1)?.profile).toBe('classic');

    const required = await stage.declare('required', { cas: [ca({ profile: 'tlsserver', profileRequired: true })] });
    const sent = stage.requestsAt('newOrder').length;
    await stage.account.sweep();
    const role = await stage.account.role('required');
    expect(role.failure).toMatchObject({ class: 'person', code: 'profileNotListed' });
    expect((role.dueAt ?? 0) - stage.now()).toBeGreaterThan(23 * HOUR);
    expect(stage.requestsAt('newOrder')).toHaveLength(sent);
    await expectOracles(stage.account, { domain: required, certificate: 'required', issued: 0, told: 1 });
  });
});

describe('a URL in an answer', () => {
  it.each(['http://ca.localhost/acme/x', 'https://evil.example.test/acme/x', 'https://10.0.0.7/acme/x'])(
    'that leads elsewhere is sent nothing: %s [A10]',
    async (url) => {
      const name = `elsewhere-${url.length}`;
      const change = rewriteBody((order) => ({ ...order, authorizations: [url] }));
      const placed = stage.account.ca.faults.add({ endpoint: 'newOrder', fault: change });
      const domain = await stage.declare(name);
      await stage.account.sweep();
      const { failure } = await stage.account.role(name);
      expect(failure).toMatchObject({ class: 'caSide', code: 'foreignUrl' });
      expect(failure?.message).toContain(url);
      expect(failure?.url).toBeUndefined();
      placed.remove();
      expect(await stage.liveUntil(stage.issued(domain), 8 * DAY)).toBe(true);
      await expectOracles(stage.account, { domain, certificate: name, issued: 1, told: 1 });
    },
  );
});

describe('an answer', () => {
  it.each([
    ['application/problem+json; charset=utf-8', 'urn:ietf:params:acme:error:rejectedIdentifier', 'rejectedIdentifier'],
    ['application/json', 'urn:ietf:params:acme:error:rejectedIdentifier', 'rejectedIdentifier'],
    ['text/plain', 'urn:ietf:params:acme:error:rejectedIdentifier', 'rejectedIdentifier'],
  ])('of content type %s is judged all the same [A11]', async (contentType, type, code) => {
    const body = JSON.stringify({ type, detail: 'no' });
    const headers = { 'content-type': contentType };
    stage.account.ca.faults.add({ endpoint: 'newOrder', fault: { kind: 'answer', status: 400, headers, body } });
    const name = `type-${contentType.length}`;
    const domain = await stage.declare(name);
    await stage.account.sweep();
    expect((await stage.account.role(name)).failure).toMatchObject({ class: 'person', code });
    await expectOracles(stage.account, { domain, certificate: name, issued: 0, told: 1 });
  });

  it.each([
    ['without a type', undefined, 'person', 'http403'],
    ['of an unknown type', 'urn:ietf:params:acme:error:newFashioned', 'person', 'newFashioned'],
    ['in another case', 'urn:IETF:params:acme:error:REJECTEDidentifier', 'person', 'rejectedIdentifier'],
    ['without the prefix', 'rejectedIdentifier', 'person', 'rejectedIdentifier'],
  ])('that is a problem %s falls back to its status [A12]', async (what, type, failureClass, code) => {
    const body = JSON.stringify({ ...(type === undefined ? {} : { type }), detail: 'no' });
    stage.account.ca.faults.add({ endpoint: 'newOrder', fault: { kind: 'answer', status: 403, body } });
    const name = `problem-${what.replaceAll(' ', '-')}`;
    const domain = await stage.declare(name);
    await stage.account.sweep();
    expect((await stage.account.role(name)).failure).toMatchObject({ class: failureClass, code, status: 403 });
    await expectOracles(stage.account, { domain, certificate: name, issued: 0, told: 1 });
  });
});
