import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { awsFailure } from '../core/aws-failure.ts';
import type { KeyType } from '../core/declaration.ts';
import { StepFailure } from '../core/failure.ts';
import type { KeyVault } from '../core/ports.ts';
import type { SealedKey } from '../core/rows.ts';

const generate = promisify(generateKeyPair);

const MODULUS_BITS = { 'rsa-2048': 2048, 'rsa-3072': 3072, 'rsa-4096': 4096 } as const;

/** The KMS key that seals, and the client of its region. */
export type KeyVaultSettings = { readonly client: KMSClient; readonly keyArn: string };

/**
 * Private keys sealed by KMS itself. No envelope is needed: the PKCS #8 DER of the largest key, RSA 4096, has about 2.4 kB,
 * and kms:Encrypt takes 4,096 bytes. The encryption context is bound to the ciphertext, so that a key copied to another
 * certificate's row does not open there.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
 * https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
 *
 * What KMS refuses is thrown as a {@link StepFailure} with KMS's error as cause.
 */
export function createKeyVault(settings: KeyVaultSettings): KeyVault {
  return {
    create: async (keyType, context) => {
      const key = await makePrivateKey(keyType);
      return { sealed: await seal(settings, key, context), pem: pemOf(key) };
    },
    open: async (sealed) => pemOf(privateKeyOf(await unseal(settings, sealed), sealed)),
  };
}

async function makePrivateKey(keyType: KeyType): Promise<KeyObject> {
  switch (keyType) {
    case 'ecdsa-p256':
      return (await generate('ec', { namedCurve: 'P-256' })).privateKey;
    case 'ecdsa-p384':
      return (await generate('ec', { namedCurve: 'P-384' })).privateKey;
    default:
      return (await generate('rsa', { modulusLength: MODULUS_BITS[keyType] })).privateKey;
  }
}

async function seal(settings: KeyVaultSettings, key: KeyObject, context: SealedKey['context']): Promise<SealedKey> {
  const { client, keyArn } = settings;
  const Plaintext = key.export({ type: 'pkcs8', format: 'der' });
  try {
    const command = new EncryptCommand({ KeyId: keyArn, Plaintext, EncryptionContext: { ...context } });
    const { CiphertextBlob } = await client.send(command);
    return { ciphertext: Buffer.from(CiphertextBlob ?? []).toString('base64'), context: { ...context } };
  } catch (error) {
    throw awsFailure(error, `Sealing a private key with ${keyArn}`);
  }
}

/** Names the key although KMS could read it from the ciphertext: a ciphertext under a foreign key is then refused. */
async function unseal({ client, keyArn }: KeyVaultSettings, sealed: SealedKey): Promise<Uint8Array> {
  try {
    const CiphertextBlob = Buffer.from(sealed.ciphertext, 'base64');
    const command = new DecryptCommand({ KeyId: keyArn, CiphertextBlob, EncryptionContext: { ...sealed.context } });
    const { Plaintext } = await client.send(command);
    return Plaintext ?? new Uint8Array();
  } catch (error) {
    throw awsFailure(error, `Opening the private key ${nameOf(sealed)} with ${keyArn}`);
  }
}

function privateKeyOf(der: Uint8Array, sealed: SealedKey): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  } catch {
    const message = `The private key ${nameOf(sealed)} opens, but is no PKCS #8 key; it must be made anew.`;
    throw new StepFailure({ class: 'bug', code: 'keyUnreadable', message });
  }
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function nameOf(sealed: SealedKey): string {
  return JSON.stringify(sealed.context);
}
