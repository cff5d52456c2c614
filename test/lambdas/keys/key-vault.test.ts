import { createPrivateKey } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import type { KeyType } from '../../../lambdas/core/declaration.ts';
import { createKeyVault } from '../../../lambdas/keys/key-vault.ts';
import { AwsFault } from '../../../local/aws/fault.ts';
import { KmsAccount } from '../../../local/aws/kms.ts';
import { retriesWithoutDelay } from '../../../local/aws/retries.ts';
import { type Around, connectFake } from '../../../local/aws/seam.ts';

const CONTEXT = { purpose: 'certificate', certificate: 'shop', keyId: '1' };

function setUp(around?: Around) {
  const account = new KmsAccount({ accountId: '123456789012', region: 'eu-west-1' });
  const keyArn = account.createKey();
  const settings = { region: 'eu-west-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const client = new KMSClient({ ...settings, retryStrategy: retriesWithoutDelay() });
  const vault = createKeyVault({ client: connectFake(client, account, around), keyArn });
  return { account, keyArn, client, vault };
}

const failing = (code: string, status: number) =>
  setUp(async () => {
    throw new AwsFault(code, 'told so', status);
  });

const failure = (detail: object) => expect.objectContaining({ detail: expect.objectContaining(detail) });

describe('The key vault', () => {
  it('makes a fresh key each time, and stores nothing of it but the ciphertext and its context', async () => {
    const { vault } = setUp();
    const [one, other] = [await vault.create('ecdsa-p256', CONTEXT), await vault.create('ecdsa-p256', CONTEXT)];
    expect(one.pem).not.toBe(other.pem);
    expect(Object.keys(one.sealed).sort()).toEqual(['ciphertext', 'context']);
    expect(one.sealed.context).toEqual(CONTEXT);
    const der = createPrivateKey(one.pem).export({ type: 'pkcs8', format: 'der' });
    expect(Buffer.from(one.sealed.ciphertext, 'base64').includes(der.subarray(-32))).toBe(false);
  });

  it('calls a plaintext that is no key a bug, and does not tell it', async () => {
    const { keyArn, client, vault } = setUp();
    const { sealed } = await vault.create('ecdsa-p256', CONTEXT);
    const answer = async () => ({ Plaintext: Buffer.from('secret-bytes'), KeyId: keyArn });
    connectFake(client, { call: answer });
    const refused = vault.open(sealed);
    await expect(refused).rejects.toEqual(failure({ class: 'bug', code: 'keyUnreadable' }));
    await expect(refused).rejects.not.toThrow(/secret-bytes/);
  });

  it('names a KMS key that is disabled as a person’s matter, when it seals and when it opens', async () => {
    const { account, keyArn, vault } = setUp();
    const { sealed } = await vault.create('ecdsa-p256', CONTEXT);
    account.setKeyState(keyArn, 'Disabled');
    const expected = failure({ class: 'person', code: 'DisabledException', message: expect.stringContaining(keyArn) });
    await expect(vault.create('ecdsa-p256', CONTEXT)).rejects.toEqual(expected);
    await expect(vault.open(sealed)).rejects.toEqual(expected);
  });

  it.each([
    ['AccessDeniedException', 400, 'person'],
    ['ThrottlingException', 400, 'transient'],
    ['KMSInternalException', 500, 'transient'],
    ['KeyUnavailableException', 500, 'transient'],
  ])('C12: %s is for %s %s', async (code, status, expected) => {
    const { vault } = failing(code, status);
    await expect(vault.create('ecdsa-p256' satisfies KeyType, CONTEXT)).rejects.toEqual(
      failure({ class: expected, code }),
    );
  });
});
