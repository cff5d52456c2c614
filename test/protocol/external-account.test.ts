import { afterEach, describe, expect, it } from 'vitest';
import type { CaSettings } from '../../lambdas/core/declaration.ts';
import type { RoleRow } from '../../lambdas/core/rows.ts';
import { allItems } from '../support/all-items.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, startVirtualAccount } from '../support/virtual-account.ts';

const SECRET = 'perennial/eab';
const HMAC_KEY = Buffer.from('the key of an external account, 32').toString('base64url');

let account: VirtualAccount;
afterEach(() => account.close());

async function startBoundCa(): Promise<void> {
  account = await startVirtualAccount({}, { externalAccounts: { required: true, keys: { 'key-1': HMAC_KEY } } });
}

async function deployWith(externalAccount: CaSettings['externalAccount']): Promise<void> {
  const plain = account.declaration('site', ['example.test']);
  const [ca] = plain.cas;
  const bound = externalAccount === undefined ? ca : { ...ca, externalAccount };
  await account.deploy([{ ...plain, cas: [bound] }]);
}

async function failureAfterSweep(): Promise<NonNullable<RoleRow['failure']>> {
  await account.sweep();
  const { failure } = await account.role('site');
  if (failure === undefined) throw new Error('the renewal has not failed');
  return failure;
}

function secretReads(): number {
  return account.calls.made.filter(({ service }) => service === 'secretsmanager').length;
}

describe('a CA that takes only bound accounts', () => {
  it.each([
    ['the key itself', HMAC_KEY],
    ['JSON', JSON.stringify({ hmacKey: HMAC_KEY })],
  ])('issues to an account bound by a secret that is %s, which is read once and kept nowhere', async (_, text) => {
    await startBoundCa();
    account.secrets.putSecret(SECRET, text);
    await deployWith({ keyId: 'key-1', secretName: SECRET });
    await account.sweep();
    await account.virtual.advance(75 * DAY);
    await account.sweep();
    expect(account.ca.journal.issued).toHaveLength(2);
    expect(secretReads()).toBe(1);
    const kept = JSON.stringify([
      await allItems(account.ports.base.table),
      account.interpreter.executions.map(({ input, events }) => ({ input, events })),
      account.sns.messages(),
      account.events.events(),
    ]);
    expect(kept).toContain('key-1');
    expect(kept).not.toContain(HMAC_KEY);
  });

  it('is a matter for a person who has not configured the external account, by name [C4]', async () => {
    await startBoundCa();
    await deployWith(undefined);
    const { class: failureClass, code, message } = await failureAfterSweep();
    expect([failureClass, code]).toEqual(['person', 'externalAccountRequired']);
    expect(message).toMatch(/^local answered .* name it in cas\.local\.externalAccount\.$/);
    expect(secretReads()).toBe(0);
  });

  it.each([
    ['a key id that the CA does not know, used up or expired', 'key-9', HMAC_KEY],
    ['the key of another id', 'key-1', Buffer.from('some other key, 32 bytes of it...').toString('base64url')],
  ])('is a matter for a person where the secret has %s [C4]', async (_, keyId, key) => {
    await startBoundCa();
    account.secrets.putSecret(SECRET, key);
    await deployWith({ keyId, secretName: SECRET });
    const { class: failureClass, message } = await failureAfterSweep();
    expect(failureClass).toBe('person');
    expect(message).toContain('local answered 403 unauthorized to newAccount');
    expect(message).toContain(`put it into the secret ${SECRET} and its id, now ${keyId}, into cas.local`);
    expect(message).not.toContain(key);
    expect(account.sns.messages()[0]?.message).toContain('A person must act');
  });

  it('is reached by itself once the secret has been corrected', async () => {
    await startBoundCa();
    account.secrets.putSecret(SECRET, 'no key at all!');
    await deployWith({ keyId: 'key-1', secretName: SECRET });
    const { class: failureClass, code, message } = await failureAfterSweep();
    expect([failureClass, code]).toEqual(['person', 'externalAccountSecret']);
    expect(message).toContain(`The secret ${SECRET} holds no HMAC key`);
    expect(message).not.toContain('no key at all!');
    account.secrets.putSecret(SECRET, HMAC_KEY);
    await account.settleDown(2 * DAY);
    expect(account.ca.journal.issued).toHaveLength(1);
    expect((await account.role('site')).failure).toBeUndefined();
  });

  it.each([
    ['never made', () => undefined, `Create the secret ${SECRET}`],
    ['deleted', () => account.secrets.deleteSecret(SECRET), `Restore the secret ${SECRET}`],
  ])('is a matter for a person where the secret was %s', async (state, change, remedy) => {
    await startBoundCa();
    if (state === 'deleted') account.secrets.putSecret(SECRET, HMAC_KEY);
    change();
    await deployWith({ keyId: 'key-1', secretName: SECRET });
    const { class: failureClass, message } = await failureAfterSweep();
    expect(failureClass).toBe('person');
    expect(message).toContain(remedy);
  });
});

describe('a CA that asks for no external account', () => {
  it('has no secret read for it', async () => {
    account = await startVirtualAccount();
    await account.deploy([account.declaration('site', ['example.test'])]);
    await account.sweep();
    expect(account.ca.journal.issued).toHaveLength(1);
    expect(secretReads()).toBe(0);
  });
});
