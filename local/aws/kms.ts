import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse } from '@aws-sdk/client-kms';
import { AwsFault } from './fault.ts';
import { uuidOf } from './resource-id.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

export type KmsAccountOptions = {
  readonly accountId: string;
  readonly region: string;
  /** Told of each plaintext that is sealed. */
  readonly onSecret?: (plaintext: Uint8Array) => void;
};

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
export type KmsKeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

type Key = { readonly arn: string; readonly material: Buffer; readonly state: KmsKeyState };
type Context = Readonly<Record<string, string>> | undefined;

// https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
const LONGEST_PLAINTEXT = 4096;
// https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
const LONGEST_CIPHERTEXT = 6144;
const KEY_ID_LENGTH = 36;
const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * AWS Key Management Service in one account and region, for symmetric keys: Encrypt and Decrypt with an encryption context.
 * The ciphertexts are real (AES-256-GCM with the context as additional data), so that nothing but the right key and context
 * opens them.
 */
export class KmsAccount implements FakeAccount {
  readonly #options: KmsAccountOptions;
  readonly #keys = new Map<string, Key>();

  constructor(options: KmsAccountOptions) {
    this.#options = options;
  }

  /** Makes an enabled symmetric key; its ARN. */
  createKey(): string {
    const { accountId, region } = this.#options;
    const id = uuidOf(`${accountId} ${region} kms ${this.#keys.size}`);
    const arn = `arn:aws:kms:${region}:${accountId}:key/${id}`;
    // The same key in every account of this process or another: what one has sealed, recorded rows for instance, the next opens.
    const material = createHash('sha256').update(id).digest();
    this.#keys.set(id, { arn, material, state: 'Enabled' });
    return arn;
  }

  /** What DisableKey, EnableKey, ScheduleKeyDeletion and CancelKeyDeletion do to a key. */
  setKeyState(keyArn: string, state: KmsKeyState): void {
    const id = idOf(keyArn);
    this.#keys.set(id, { ...this.#keyOf(id), state });
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    switch (operation) {
      case 'Encrypt':
        return this.#encrypt(expectFields(input, ['KeyId', 'Plaintext', 'EncryptionContext']));
      case 'Decrypt':
        return this.#decrypt(expectFields(input, ['KeyId', 'CiphertextBlob', 'EncryptionContext']));
      default:
        throw new Error(`KmsAccount does not know ${operation}; add it with its rules.`);
    }
  }

  // https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
  #encrypt(request: EncryptRequest): EncryptResponse {
    const id = idOf(request.KeyId ?? '');
    const key = this.#usableKey(id);
    const plaintext = bytesOf('Plaintext', request.Plaintext, LONGEST_PLAINTEXT);
    this.#options.onSecret?.(plaintext);
    const iv = randomBytes(IV_LENGTH);
    const cipher = createCipheriv('aes-256-gcm', key.material, iv).setAAD(
      additionalData(id, request.EncryptionContext),
    );
    const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    const CiphertextBlob = Buffer.concat([Buffer.from(id), iv, cipher.getAuthTag(), sealed]);
    return { CiphertextBlob, KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  }

  // https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
  #decrypt(request: DecryptRequest): DecryptResponse {
    const blob = bytesOf('CiphertextBlob', request.CiphertextBlob, LONGEST_CIPHERTEXT);
    const id = blob.subarray(0, KEY_ID_LENGTH).toString();
    if (!this.#keys.has(id)) throw invalidCiphertext();
    if (request.KeyId !== undefined && this.#keyOf(idOf(request.KeyId)).arn !== this.#keyOf(id).arn) {
      throw new AwsFault('IncorrectKeyException', `The ciphertext was not made by ${request.KeyId}.`);
    }
    const key = this.#usableKey(id);
    const Plaintext = open(key, blob.subarray(KEY_ID_LENGTH), additionalData(id, request.EncryptionContext));
    return { Plaintext, KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  }

  #usableKey(id: string): Key {
    const key = this.#keyOf(id);
    if (key.state === 'Disabled') throw new AwsFault('DisabledException', `${key.arn} is disabled.`);
    if (key.state === 'PendingDeletion') {
      throw new AwsFault('KMSInvalidStateException', `${key.arn} is pending deletion.`);
    }
    return key;
  }

  #keyOf(id: string): Key {
    const key = this.#keys.get(id);
    if (!key) throw new AwsFault('NotFoundException', `Key ${id} does not exist.`);
    return key;
  }
}

/** A key id, or the ARN that ends in it. */
function idOf(keyId: string): string {
  return keyId.replace(/^arn:aws:kms:[^:]+:\d+:key\//, '');
}

/** The context counts by its pairs, not by their order. */
function additionalData(keyId: string, context: Context): Buffer {
  const pairs = Object.entries(context ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  return Buffer.from(JSON.stringify([keyId, pairs]));
}

function open(key: Key, sealed: Buffer, aad: Buffer): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.material, sealed.subarray(0, IV_LENGTH)).setAAD(aad);
    decipher.setAuthTag(sealed.subarray(IV_LENGTH, IV_LENGTH + TAG_LENGTH));
    return Buffer.concat([decipher.update(sealed.subarray(IV_LENGTH + TAG_LENGTH)), decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
}

/** KMS does not say which it was: damaged, made elsewhere, or under another context. */
function invalidCiphertext(): AwsFault {
  return new AwsFault('InvalidCiphertextException', 'The ciphertext or its encryption context is not right.');
}

function bytesOf(field: string, bytes: Uint8Array | undefined, longest: number): Buffer {
  const length = bytes?.byteLength ?? 0;
  if (!bytes || length < 1 || length > longest) {
    throw new AwsFault('ValidationException', `${field} has ${length} bytes; 1 to ${longest} are allowed.`);
  }
  return Buffer.from(bytes);
}
