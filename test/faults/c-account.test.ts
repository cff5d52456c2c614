import { describe, expect, it } from 'vitest';
import type { CaSettings } from '../../lambdas/core/declaration.ts';
import { readAccount } from '../../lambdas/store/accounts.ts';
import { AwsFault } from '../../local/aws/fault.ts';
import { DAY, HOUR } from '../support/virtual-account.ts';
import { expectOracles, failuresTold } from './oracles.ts';
import { FOREVER, problemFault, useStage } from './stage.ts';

const stage = useStage();
const TERMS = 'https://ca.localhost/terms/v2';

/** The stage's CA with an account of the case's own. */
function ca(accountLabel: string, changes: Partial<CaSettings> = {}): CaSettings {
  const [settings] = stage.account.declaration('x', ['x.example.test']).cas;
  return { ...settings, accountLabel, ...changes };
}

const accountRow = (label: string) =>
  readAccount(stage.account.ports.base.table, { directoryUrl: stage.account.ca.directoryUrl, label });

/** Declares `<name>.example.test` at an account of the same name, and issues it once. */
async function issue(name: string, changes: Partial<CaSettings> = {}): Promise<string> {
  const domain = await stage.declare(name, { cas: [ca(name, changes)] });
  await stage.account.sweep();
  expect(stage.issued(domain)()).toBe(true);
  return domain;
}

/** Makes the role due for a new certificate now. */
async function renewNow(name: string): Promise<void> {
  const { renewAt = 0 } = await stage.account.role(name);
  await stage.account.virtual.advance(renewAt - stage.now() + 1);
}

const patience = async (name: string): Promise<number> => ((await stage.account.role(name)).dueAt ?? 0) - stage.now();
const newAccounts = (): number => stage.account.ca.journal.count('newAccount');
const told = (words: string): readonly { readonly message: string }[] =>
  stage.account.sns.messages().filter(({ subject }) => subject?.includes(words));

describe('an account', () => {
  it.each([400, 401, 403])(
    'that the CA has lost (%i) is registered again with its key, and that is told once [C1]',
    async (status) => {
      const name = `lost-${status}`;
      const domain = await issue(name);
      const before = await accountRow(name);
      await renewNow(name);
      stage.account.ca.control.forgetAccount(before?.url ?? '');
      const lost = problemFault(status, 'accountDoesNotExist', 'no such account');
      stage.account.ca.faults.add({ endpoint: 'newOrder', fault: lost });
      expect(await stage.liveUntil(stage.issued(domain, 2), DAY)).toBe(true);
      const after = await accountRow(name);
      expect(after?.url).not.toBe(before?.url);
      expect(after?.sealedKey).toEqual(before?.sealedKey);
      const news = told('lost its account').filter(({ message }) => message.includes(before?.url ?? '?'));
      expect(news).toHaveLength(1);
      expect(news[0]?.message).toContain(after?.url);
      await expectOracles(stage.account, { domain, certificate: name, issued: 2 });
    },
  );

  it.each([
    ['revoked', 401],
    ['revoked', 403],
  ])(
    'that the CA has %s (%i) is never replaced; a person is told, and it is asked once a day [C2]',
    async (_how, status) => {
      const name = `closed-${status}`;
      const domain = await issue(name);
      const before = await accountRow(name);
      await renewNow(name);
      const accounts = newAccounts();
      const closed = problemFault(status, 'unauthorized', 'Account is deactivated');
      const placed = stage.account.ca.faults.add({ endpoint: 'newOrder', fault: closed, times: FOREVER });
      await stage.account.sweep();
      const { failure } = await stage.account.role(name);
      expect(failure).toMatchObject({ class: 'person', code: 'unauthorized', status });
      expect(failure?.message).toContain('accountLabel');
      const asked = stage.now();
      await stage.liveUntil(() => false, 5 * DAY - HOUR);
      const tries = new Set(
        stage
          .requestsAt('newOrder')
          .filter((at) => at > asked)
          .map((at) => Math.floor(at / HOUR)),
      );
      expect(tries.size).toBeGreaterThanOrEqual(3);
      expect(tries.size).toBeLessThanOrEqual(5);
      expect(newAccounts()).toBe(accounts);
      expect((await accountRow(name))?.url).toBe(before?.url);
      placed.remove();
      expect(await stage.liveUntil(stage.issued(domain, 2), 2 * DAY)).toBe(true);
      await expectOracles(stage.account, { domain, certificate: name, issued: 2, told: 1 });
    },
  );

  it('whose CA has new terms waits for a person to agree, with the URL, and goes on by itself [C3, K7]', async () => {
    const domain = await issue('terms');
    await renewNow('terms');
    stage.account.ca.control.changeTerms(TERMS);
    await stage.account.sweep();
    const { failure } = await stage.account.role('terms');
    expect(failure).toMatchObject({ class: 'person', code: 'userActionRequired', status: 403, url: TERMS });
    expect(failuresTold(stage.account, 'terms')).toHaveLength(1);
    expect(told('terms: renewal fails')[0]?.message).toContain(`A person must open ${TERMS}`);
    expect(await patience('terms')).toBeGreaterThan(20 * HOUR);
    stage.account.ca.control.agreeTerms((await accountRow('terms'))?.url ?? '');
    expect(await stage.liveUntil(stage.issued(domain, 2), 2 * DAY)).toBe(true);
    await expectOracles(stage.account, { domain, certificate: 'terms', issued: 2, told: 1 });
  });

  it('that the CA binds to an external one is for a person, naming the CA [C4]', async () => {
    const missing = problemFault(403, 'externalAccountRequired', 'an external account is required');
    stage.account.ca.faults.add({ endpoint: 'newAccount', fault: missing, times: FOREVER });
    const domain = await stage.declare('bound', { cas: [ca('bound')] });
    await stage.account.sweep();
    const { failure } = await stage.account.role('bound');
    expect(failure).toMatchObject({ class: 'person', code: 'externalAccountRequired', ca: 'local' });
    expect(failure?.message).toContain('cas.local.externalAccount');
    expect(await patience('bound')).toBeGreaterThan(20 * HOUR);
    await expectOracles(stage.account, { domain, certificate: 'bound', issued: 0, told: 1 });
  });

  it.each([
    [['RS256', 'PS256'], 'RS256'],
    [['ES384'], 'ES384'],
  ])(
    'whose signature is not taken is made with a key that signs as one of %j does, once [C5]',
    async (algorithms, alg) => {
      const name = alg.toLowerCase();
      const refused = problemFault(400, 'badSignatureAlgorithm', 'no ES256', { fields: { algorithms } });
      stage.account.ca.faults.add({ endpoint: 'newAccount', fault: refused });
      const domain = await stage.declare(name, { cas: [ca(name)] });
      await stage.account.sweep();
      expect(stage.requestsAt('newAccount')).toHaveLength(2);
      await expectOracles(stage.account, { domain, certificate: name, issued: 1 });
    },
  );

  it('whose signature is not taken, where no key would help, is for a person, with what the CA takes [C5]', async () => {
    const refused = problemFault(400, 'badSignatureAlgorithm', 'no', { fields: { algorithms: ['EdDSA'] } });
    stage.account.ca.faults.add({ endpoint: 'newAccount', fault: refused, times: FOREVER });
    const domain = await stage.declare('eddsa', { cas: [ca('eddsa')] });
    await stage.account.sweep();
    const { failure } = await stage.account.role('eddsa');
    expect(failure).toMatchObject({ class: 'person', code: 'badSignatureAlgorithm' });
    expect(failure?.message).toContain('It takes EdDSA');
    expect(stage.requestsAt('newAccount')).toHaveLength(1);
    await expectOracles(stage.account, { domain, certificate: 'eddsa', issued: 0, told: 1 });
  });

  it('whose key the CA will not have is for a person, who is told how to have another [C6]', async () => {
    const weak = problemFault(400, 'badPublicKey', 'key is on the block list');
    stage.account.ca.faults.add({ endpoint: 'newAccount', fault: weak, times: FOREVER });
    const domain = await stage.declare('weak', { cas: [ca('weak')] });
    await stage.account.sweep();
    const { failure } = await stage.account.role('weak');
    expect(failure).toMatchObject({ class: 'person', code: 'badPublicKey' });
    expect(failure?.message).toContain('accountLabel');
    await expectOracles(stage.account, { domain, certificate: 'weak', issued: 0, told: 1 });
  });

  it('that exists already (200) is used; its URL is kept [C7]', async () => {
    stage.account.ca.faults.add({ endpoint: 'newAccount', fault: { kind: 'lose' } });
    const domain = await stage.declare('known', { cas: [ca('known')] });
    await stage.account.sweep();
    expect(await stage.liveUntil(stage.issued(domain), DAY)).toBe(true);
    const answers = stage.account.ca.journal.requests.filter(({ endpoint }) => endpoint === 'newAccount').slice(-2);
    expect(answers.map(({ status }) => status)).toEqual([201, 200]);
    expect(answers.map(({ account }) => account)).toEqual([
      (await accountRow('known'))?.url,
      (await accountRow('known'))?.url,
    ]);
    await expectOracles(stage.account, {
      domain,
      certificate: 'known',
      issued: 1,
      told: failuresTold(stage.account, 'known').length,
    });
  });

  it('is one for a whole fleet that starts without any [C8]', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `fleet${index}`);
    const declarations = names.map((name) =>
      stage.account.declaration(name, [`${name}.example.test`], { cas: [ca('fleet')] }),
    );
    await stage.account.deploy(declarations);
    await stage.account.sweep();
    const owners = stage.account.ca.journal.issued.filter(({ names: [domain] }) => domain?.startsWith('fleet'));
    expect(new Set(owners.map(({ account }) => account)).size).toBe(1);
    expect(owners).toHaveLength(20);
    for (const name of names)
      await expectOracles(stage.account, { domain: `${name}.example.test`, certificate: name, issued: 1 });
  });

  it.each(['invalidContact', 'unsupportedContact'])(
    'whose contact is refused (%s) is made without one [C10]',
    async (type) => {
      const name = type.toLowerCase();
      stage.account.ca.faults.add({ endpoint: 'newAccount', fault: problemFault(400, type, 'no such mailbox') });
      const contact = { contact: ['mailto:ops@example.test'] };
      const domain = await stage.declare(name, { cas: [ca(name, contact)] });
      await stage.account.sweep();
      const payloads = stage.account.ca.journal.requests
        .filter(({ endpoint, payload }) => endpoint === 'newAccount' && payload !== undefined)
        .map(({ payload = '{}' }) => JSON.parse(payload));
      expect(payloads.at(-1)).toEqual({ termsOfServiceAgreed: true });
      expect(stage.requestsAt('newAccount')).toHaveLength(2);
      await expectOracles(stage.account, { domain, certificate: name, issued: 1 });
    },
  );
});

describe('the key of an account', () => {
  it.each([
    ['throttles', 'ThrottlingException', 400, 'transient'],
    ['denies', 'AccessDeniedException', 400, 'person'],
  ])(
    'that KMS %s is asked for again and told; no new account is ever made for it [C12]',
    async (what, code, status, expected) => {
      const name = `kms-${what}`;
      const domain = await issue(name);
      const before = await accountRow(name);
      await renewNow(name);
      const accounts = newAccounts();
      stage.account.calls.plan = async (call, act) => {
        if (call.service === 'kms') throw new AwsFault(code, 'not now', status);
        await act();
      };
      await stage.account.sweep();
      const { failure } = await stage.account.role(name);
      expect(failure).toMatchObject({ class: expected });
      stage.account.calls.plan = (_call, act) => act();
      expect(await stage.liveUntil(stage.issued(domain, 2), 2 * DAY)).toBe(true);
      expect(newAccounts()).toBe(accounts);
      expect((await accountRow(name))?.sealedKey).toEqual(before?.sealedKey);
      await expectOracles(stage.account, { domain, certificate: name, issued: 2, told: 1 });
    },
  );
});

describe('a signed URL', () => {
  it.each([
    ['unauthorized', 403],
    ['malformed', 400],
  ])(
    'that the CA sees as another (%s) is a mistake in between: both are shown to a person [C13]',
    async (type, status) => {
      const name = `proxied-${type}`;
      const inner = 'https://inner.localhost/acme/new-order';
      const detail = `JWS header parameter "url" is not the one requested: ${inner}`;
      stage.account.ca.faults.add({ endpoint: 'newOrder', fault: problemFault(status, type, detail) });
      const domain = await stage.declare(name, { cas: [ca('proxied')] });
      await stage.account.sweep();
      const { failure } = await stage.account.role(name);
      expect(failure).toMatchObject({ class: 'person', code: 'otherUrl' });
      expect(failure?.message).toContain(inner);
      expect(failure?.message).toContain('https://ca.localhost/acme/new-order');
      await expectOracles(stage.account, { domain, certificate: name, issued: 0, told: 1 });
    },
  );
});
