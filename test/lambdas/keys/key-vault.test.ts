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
  it.each([
    ['ecdsa-p256', 'ec', { namedCurve: 'prime256v1' }],
    ['ecdsa-p384', 'ec', { namedCurve: 'secp384r1' }],
    ['rsa-2048', 'rsa', { modulusLength: 2048 }],
    ['rsa-3072', 'rsa', { modulusLength: 3072 }],
  ] as const)('makes a key of type %s, seals it and opens it again', async (keyType, kind, details) => {
    const { vault } = setUp();
    const { sealed, pem } = await vault.create(keyType, CONTEXT);
    const key = createPrivateKey(pem);
    expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(key.asymmetricKeyType).toBe(kind);
    expect(key.asymmetricKeyDetails).toMatchObject(details);
    expect(await vault.open(sealed)).toBe(pem);
  });

  it('seals the largest key within the limit of kms:Encrypt', { timeout: 60_000 }, async () => {
    const { vault } = setUp();
    const { sealed, pem } = await vault.create('rsa-4096', CONTEXT);
    expect(createPrivateKey(pem).asymmetricKeyDetails?.modulusLength).toBe(4096);
    expect(await vault.open(sealed)).toBe(pem);
  });

  it('makes a fresh key each time, and stores nothing of it but the ciphertext and its context', async () => {
    const { vault } = setUp();
    const [one, other] = [await vault.create('ecdsa-p256', CONTEXT), await vault.create('ecdsa-p256', CONTEXT)];
    expect(one.pem).not.toBe(other.pem);
    expect(Object.keys(one.sealed).sort()).toEqual(['ciphertext', 'context']);
    expect(one.sealed.context).toEqual(CONTEXT);
    const der = createPrivateKey(one.pem).export({ type: 'pkcs8', format: 'der' });
    expect(Buffer.from(one.sealed.ciphertext, 'base64').includes(der.subarray(-32))).toBe(false);
  });

  it('does not open a key that was copied under another context, or whose ciphertext was changed', async () => {
    const { vault } = setUp();
    const { sealed } = await vault.create('ecdsa-p256', CONTEXT);
    const copied = { ...sealed, context: { ...CONTEXT, certificate: 'other' } };
    const changed = Buffer.from(sealed.ciphertext, 'base64');
    changed.writeUInt8(changed.readUInt8(60) ^ 1, 60);
    const expected = failure({ class: 'person', code: 'InvalidCiphertextException' });
    await expect(vault.open(copied)).rejects.toEqual(expected);
    await expect(vault.open({ ...sealed, ciphertext: changed.toString('base64') })).rejects.toEqual(expected);
  });

  it('does not open a key that another KMS key has sealed', async () => {
    const { account, client, vault } = setUp();
    const foreign = createKeyVault({ client, keyArn: account.createKey() });
    const { sealed } = await foreign.create('ecdsa-p256', CONTEXT);
    await expect(vault.open(sealed)).rejects.toEqual(failure({ class: 'person', code: 'IncorrectKeyException' }));
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
