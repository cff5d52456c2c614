import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { KmsAccount } from '../../../local/aws/kms.ts';
import { retriesWithoutDelay } from '../../../local/aws/retries.ts';
import { connectFake } from '../../../local/aws/seam.ts';

function setUp() {
  const account = new KmsAccount({ accountId: '123456789012', region: 'eu-west-1' });
  const keyArn = account.createKey();
  const client = new KMSClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    retryStrategy: retriesWithoutDelay(1),
  });
  const kms = connectFake(client, account);
  const seal = async (EncryptionContext: Record<string, string> = { a: '1', b: '2' }, bytes = 100) => {
    const command = new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.alloc(bytes, 7), EncryptionContext });
    return (await kms.send(command)).CiphertextBlob ?? new Uint8Array();
  };
  const open = (CiphertextBlob: Uint8Array, EncryptionContext: Record<string, string> | undefined, KeyId?: string) =>
    kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId }));
  return { account, keyArn, kms, seal, open };
}

const named = (name: string) => expect.objectContaining({ name });

describe('The strict KMS', () => {
  it('opens what it sealed, under the same context in any order, with or without the key named', async () => {
    const { keyArn, seal, open } = setUp();
    const blob = await seal({ a: '1', b: '2' });
    const opened = await open(blob, { b: '2', a: '1' });
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Buffer.alloc(100, 7));
    expect(opened.KeyId).toBe(keyArn);
    expect((await open(blob, { a: '1', b: '2' }, keyArn)).KeyId).toBe(keyArn);
  });

  it('does not show the plaintext in the ciphertext, and seals it differently each time', async () => {
    const { seal } = setUp();
    const [one, other] = [Buffer.from(await seal()), Buffer.from(await seal())];
    expect(one.includes(Buffer.alloc(16, 7))).toBe(false);
    expect(one.equals(other)).toBe(false);
  });

  it.each([
    ['another value', { a: '1', b: '3' }],
    ['a missing pair', { a: '1' }],
    ['one pair more', { a: '1', b: '2', c: '3' }],
    ['other case', { A: '1', b: '2' }],
    ['no context', undefined],
  ])('does not open under a context with %s', async (_what, context) => {
    const { seal, open } = setUp();
    await expect(open(await seal(), context)).rejects.toEqual(named('InvalidCiphertextException'));
  });

  it('does not open a ciphertext of which any byte is changed, or that is cut', async () => {
    const { seal, open } = setUp();
    const blob = Buffer.from(await seal());
    for (let at = 0; at < blob.length; at += 1) {
      const changed = Buffer.from(blob);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      await expect(open(changed, { a: '1', b: '2' })).rejects.toEqual(named('InvalidCiphertextException'));
    }
    await expect(open(blob.subarray(0, 50), { a: '1', b: '2' })).rejects.toEqual(named('InvalidCiphertextException'));
  });

  it('refuses another key than the one that sealed, and an unknown one', async () => {
    const { account, keyArn, seal, open } = setUp();
    const blob = await seal();
    const context = { a: '1', b: '2' };
    await expect(open(blob, context, account.createKey())).rejects.toEqual(named('IncorrectKeyException'));
    await expect(open(blob, context, `${keyArn}0`)).rejects.toEqual(named('NotFoundException'));
  });

  it.each([
    ['Disabled', 'DisabledException'],
    ['PendingDeletion', 'KMSInvalidStateException'],
  ] as const)(
    'neither seals nor opens with a key that is %s, and does again when it is enabled',
    async (state, name) => {
      const { account, keyArn, seal, open } = setUp();
      const blob = await seal();
      account.setKeyState(keyArn, state);
      await expect(seal()).rejects.toEqual(named(name));
      await expect(open(blob, { a: '1', b: '2' })).rejects.toEqual(named(name));
      account.setKeyState(keyArn, 'Enabled');
      await expect(open(blob, { a: '1', b: '2' })).resolves.toBeDefined();
    },
  );

  it('takes 1 to 4,096 bytes', async () => {
    const { seal } = setUp();
    await expect(seal({}, 4096)).resolves.toBeDefined();
    await expect(seal({}, 4097)).rejects.toThrow(/1 to 4096/);
    await expect(seal({}, 0)).rejects.toThrow(/1 to 4096/);
  });

  it('throws on operations and fields that it does not know', async () => {
    const { account, keyArn, kms } = setUp();
    await expect(kms.send(new GenerateDataKeyCommand({ KeyId: keyArn }))).rejects.toThrow(/GenerateDataKey/);
    await expect(account.call('Encrypt', { KeyId: keyArn, GrantTokens: [] })).rejects.toThrow(/GrantTokens/);
  });
});
