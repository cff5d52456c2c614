import { createPrivateKey } from 'node:crypto';
import type { KMSClient } from '@aws-sdk/client-kms';
import { expect } from 'vitest';
import { createKeyVault } from '../../../lambdas/keys/key-vault.ts';
import { contract, type Judge } from '../../support/contract.ts';

const CONTEXT = { purpose: 'certificate', certificate: 'shop', keyId: '1' } as const;

/** With the largest, which has to fit what kms:Encrypt takes. */
const KINDS = [
  ['ecdsa-p256', 'ec', { namedCurve: 'prime256v1' }],
  ['ecdsa-p384', 'ec', { namedCurve: 'secp384r1' }],
  ['rsa-2048', 'rsa', { modulusLength: 2048 }],
  ['rsa-3072', 'rsa', { modulusLength: 3072 }],
  ['rsa-4096', 'rsa', { modulusLength: 4096 }],
] as const;

/** Who plays KMS, and what a person does there. */
export type KmsBench = {
  readonly client: KMSClient;
  /** Makes an enabled symmetric key; its ARN. */
  readonly createKey: () => Promise<string>;
  readonly disableKey: (keyArn: string) => Promise<void>;
  readonly scheduleDeletion: (keyArn: string) => Promise<void>;
};

/** What the key vault promises, whoever plays KMS. */
export function keyVaultContract(judge: Judge, open: () => KmsBench): void {
  const setUp = async () => {
    const bench = open();
    const keyArn = await bench.createKey();
    return { ...bench, keyArn, vault: createKeyVault({ client: bench.client, keyArn }) };
  };

  contract('The key vault', judge, (it) => {
    for (const [keyType, kind, details] of KINDS) {
      it(`makes a key of type ${keyType}, seals it and opens it again`, async () => {
        const { vault } = await setUp();
        const { sealed, pem } = await vault.create(keyType, CONTEXT);
        const key = createPrivateKey(pem);
        expect(key.asymmetricKeyType).toBe(kind);
        expect(key.asymmetricKeyDetails).toMatchObject(details);
        expect(await vault.open(sealed)).toBe(pem);
        expect(await vault.open({ ...sealed, context: reversed(sealed.context) })).toBe(pem);
      });
    }

    it('does not open a key that was copied under another context', async () => {
      const { vault } = await setUp();
      const { sealed } = await vault.create('ecdsa-p256', CONTEXT);
      const copied = { ...sealed, context: { ...CONTEXT, certificate: 'other' } };
      await expect(vault.open(copied)).rejects.toMatchObject(refused('InvalidCiphertextException'));
    });

    it('does not open a key whose ciphertext was changed', async () => {
      const { vault } = await setUp();
      const { sealed } = await vault.create('ecdsa-p256', CONTEXT);
      const changed = Buffer.from(sealed.ciphertext, 'base64');
      changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
      const tampered = { ...sealed, ciphertext: changed.toString('base64') };
      await expect(vault.open(tampered)).rejects.toMatchObject(refused('InvalidCiphertextException'));
    });

    it('does not open a key that another KMS key has sealed', async () => {
      const { client, createKey, vault } = await setUp();
      const foreign = createKeyVault({ client, keyArn: await createKey() });
      const { sealed } = await foreign.create('ecdsa-p256', CONTEXT);
      await expect(vault.open(sealed)).rejects.toMatchObject(refused('IncorrectKeyException'));
    });

    it('names a KMS key that is disabled, when it seals and when it opens', async () => {
      const { keyArn, disableKey, vault } = await setUp();
      const { sealed } = await vault.create('ecdsa-p256', CONTEXT);
      await disableKey(keyArn);
      const told = refused('DisabledException', expect.stringContaining(keyArn));
      await expect(vault.create('ecdsa-p256', CONTEXT)).rejects.toMatchObject(told);
      await expect(vault.open(sealed)).rejects.toMatchObject(told);
    });

    it('names a KMS key that is to be deleted, when it seals and when it opens', async () => {
      const { keyArn, scheduleDeletion, vault } = await setUp();
      const { sealed } = await vault.create('ecdsa-p256', CONTEXT);
      await scheduleDeletion(keyArn);
      const told = refused('KMSInvalidStateException', expect.stringContaining(keyArn));
      await expect(vault.create('ecdsa-p256', CONTEXT)).rejects.toMatchObject(told);
      await expect(vault.open(sealed)).rejects.toMatchObject(told);
    });
  });
}

function refused(code: string, message: unknown = expect.any(String)): object {
  return { detail: { class: 'person', code, message } };
}

/** The same pairs, sent in another order. */
function reversed<Pairs extends object>(pairs: Pairs): Pairs {
  return Object.fromEntries(Object.entries(pairs).reverse()) as Pairs;
}
