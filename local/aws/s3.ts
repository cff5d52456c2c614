import type { DeleteObjectRequest, GetObjectRequest, HeadObjectRequest, PutObjectRequest } from '@aws-sdk/client-s3';
import { AwsFault } from './fault.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

type StoredObject = { readonly body: Buffer; readonly kmsKeyId?: string };

const PUT_FIELDS = [
  'Bucket',
  'Key',
  'Body',
  'ContentType',
  'ServerSideEncryption',
  'BucketKeyEnabled',
  'SSEKMSKeyId',
  // The SDK adds a checksum by itself; the seam is above it.
  'ChecksumAlgorithm',
] as const;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const LONGEST_KEY = 1024;

/**
 * Amazon S3: objects that are encrypted by KMS, in buckets without versions.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html
 */
export class S3Account implements FakeAccount {
  readonly #buckets = new Map<string, Map<string, StoredObject>>();

  createBucket(name: string): void {
    this.#buckets.set(name, new Map());
  }

  /** Bodies by key, as text. */
  objects(bucket: string): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#bucket(bucket)].map(([key, { body }]) => [key, body.toString('utf8')]));
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    switch (operation) {
      case 'PutObject':
        return this.#put(expectFields(input, PUT_FIELDS));
      case 'GetObject':
        return this.#get(expectFields(input, ['Bucket', 'Key', 'ChecksumMode']));
      case 'HeadObject':
        return this.#head(expectFields(input, ['Bucket', 'Key', 'ChecksumMode']));
      case 'DeleteObject':
        return this.#delete(expectFields(input, ['Bucket', 'Key']));
      default:
        throw new Error(`S3Account does not know ${operation}; add it with its rules.`);
    }
  }

  #put({ Bucket, Key = '', Body, ServerSideEncryption, SSEKMSKeyId }: PutObjectRequest): object {
    const bucket = this.#bucket(Bucket);
    if (Buffer.byteLength(Key) > LONGEST_KEY) throw new AwsFault('KeyTooLongError', 'Your key is too long', 400);
    if (ServerSideEncryption !== 'aws:kms') throw new Error(`S3Account takes objects with SSE-KMS only, not ${Key}.`);
    if (typeof Body !== 'string' && !(Body instanceof Uint8Array))
      throw new Error('S3Account takes whole bodies only.');
    const kms = SSEKMSKeyId === undefined ? {} : { kmsKeyId: SSEKMSKeyId };
    bucket.set(Key, { body: Buffer.from(Body), ...kms });
    return { ServerSideEncryption, BucketKeyEnabled: true };
  }

  #get({ Bucket, Key = '' }: GetObjectRequest): object {
    const found = this.#bucket(Bucket).get(Key);
    if (found === undefined) throw new AwsFault('NoSuchKey', 'The specified key does not exist.', 404);
    // As much of the SDK's stream as readers of small objects use.
    return { Body: { transformToString: async () => found.body.toString('utf8') }, ContentLength: found.body.length };
  }

  /** An answer to HEAD has no body, so it cannot say what is missing. */
  #head({ Bucket = '', Key = '' }: HeadObjectRequest): object {
    const found = this.#buckets.get(Bucket)?.get(Key);
    if (found === undefined) throw new AwsFault('NotFound', 'UnknownError', 404);
    return { ContentLength: found.body.length };
  }

  #delete({ Bucket, Key = '' }: DeleteObjectRequest): object {
    this.#bucket(Bucket).delete(Key);
    return {};
  }

  #bucket(name = ''): Map<string, StoredObject> {
    const found = this.#buckets.get(name);
    if (found === undefined) throw new AwsFault('NoSuchBucket', 'The specified bucket does not exist', 404);
    return found;
  }
}
