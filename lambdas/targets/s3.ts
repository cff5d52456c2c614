import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { awsErrorFacts, awsFailure } from '../core/aws-failure.ts';
import { StepFailure } from '../core/failure.ts';
import type { S3Target } from '../core/target-declaration.ts';
import type { Installed, PushJob, TargetDriver } from '../core/target-driver.ts';
import { exportFiles } from './export-files.ts';

const FILES = ['cert.pem', 'chain.pem', 'fullchain.pem', 'privkey.pem', 'certificate.p12', 'p12-password.txt'] as const;

type FileName = (typeof FILES)[number];

/** What readers look at first: which folder holds the version to use. */
type Current = {
  readonly version: string;
  readonly notAfter: string;
  readonly files: Readonly<Record<FileName, string>>;
};

/**
 * Certificates as objects in S3, a folder a version. `<prefix>current.json` is written last and names the folder, so that
 * nobody reads half of one version and half of another.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export function createS3Driver({
  clientFor,
}: {
  readonly clientFor: (target: S3Target) => S3Client;
}): TargetDriver<S3Target> {
  return {
    install: (job) => install(clientFor(job.target), job),
    discard: (target, folder) => discard(clientFor(target), target, folder),
  };
}

async function install(client: S3Client, job: PushJob<S3Target>): Promise<Installed> {
  const { target, sha256, notAfter } = job;
  const folder = `${target.prefix}${sha256}/`;
  // Read first: an answer to GET names its error, one to HEAD cannot.
  const held = await readCurrent(client, target);
  if (!(await isComplete(client, target, folder))) await writeFiles(client, job, folder);
  if (held?.version !== sha256) {
    const files = Object.fromEntries(FILES.map((name) => [name, `${folder}${name}`]));
    const current = { version: sha256, notAfter: new Date(notAfter).toISOString(), files };
    await put(client, target, `${target.prefix}current.json`, JSON.stringify(current, undefined, 2));
  }
  if ((await readCurrent(client, target))?.version === sha256) return { remoteId: folder, deployed: true };
  const message = `s3://${target.bucket}/${target.prefix}current.json does not name version ${sha256} after it was written`;
  throw new StepFailure({ class: 'transient', code: 'readBack', message });
}

/** The password is written last: a folder without it was left half-way, and its PKCS#12 is of another password. */
async function writeFiles(client: S3Client, job: PushJob<S3Target>, folder: string): Promise<void> {
  const files = exportFiles(await job.bundle(), job.owner);
  const contents: Record<FileName, string | Buffer> = {
    'cert.pem': files.certificate,
    'chain.pem': files.chain,
    'fullchain.pem': files.fullchain,
    'privkey.pem': files.privateKey,
    'certificate.p12': files.pkcs12,
    'p12-password.txt': files.pkcs12Password,
  };
  for (const name of FILES) await put(client, job.target, `${folder}${name}`, contents[name]);
}

async function isComplete(client: S3Client, target: S3Target, folder: string): Promise<boolean> {
  for (const name of [...FILES].reverse()) {
    if (!(await exists(client, target, `${folder}${name}`))) return false;
  }
  return true;
}

async function exists(client: S3Client, target: S3Target, key: string): Promise<boolean> {
  try {
    await client.send(new HeadObjectCommand({ Bucket: target.bucket, Key: key }));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw failureOf(error, 'Looking for', target, key);
  }
}

async function readCurrent(client: S3Client, target: S3Target): Promise<Partial<Current> | undefined> {
  const key = `${target.prefix}current.json`;
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: target.bucket, Key: key }));
    return parsed(await Body?.transformToString());
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw failureOf(error, 'Reading', target, key);
  }
}

/** What somebody else has written there is written over. */
function parsed(text = ''): Partial<Current> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

async function put(client: S3Client, target: S3Target, key: string, body: string | Buffer): Promise<void> {
  const { bucket, kmsKeyArn } = target;
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentType: key.endsWith('.json') ? 'application/json' : 'application/octet-stream',
    ServerSideEncryption: 'aws:kms',
    BucketKeyEnabled: true,
    ...(kmsKeyArn !== undefined && { SSEKMSKeyId: kmsKeyArn }),
  });
  try {
    await client.send(command);
  } catch (error) {
    throw failureOf(error, 'Writing', target, key);
  }
}

/** The key first: what is left of a folder that was not removed to the end is of no use to anybody. */
async function discard(client: S3Client, target: S3Target, folder: string): Promise<boolean> {
  const current = await readCurrent(client, target);
  if (folder === `${target.prefix}${current?.version ?? ''}/`) return false;
  for (const name of ['privkey.pem', ...FILES.filter((file) => file !== 'privkey.pem')]) {
    const key = `${folder}${name}`;
    try {
      await client.send(new DeleteObjectCommand({ Bucket: target.bucket, Key: key }));
    } catch (error) {
      throw failureOf(error, 'Deleting', target, key);
    }
  }
  return true;
}

/** HeadObject has no body that could name its error. */
function isMissing(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound'].includes(awsErrorFacts(error).name);
}

function failureOf(error: unknown, doing: string, target: S3Target, key: string): StepFailure {
  const { name } = awsErrorFacts(error);
  return awsFailure(error, `${doing} s3://${target.bucket}/${key}`, REMEDIES[name]?.(target));
}

const REMEDIES: Readonly<Record<string, (target: S3Target) => string>> = {
  NoSuchBucket: ({ bucket, id }) => `Create the bucket ${bucket}, or correct bucket of the target "${id}".`,
  AccessDenied: ({ bucket, id }) =>
    `Allow this in the policy of the role, the bucket policy of ${bucket} and the policy of the KMS key that the target "${id}" uses.`,
  PermanentRedirect: ({ bucket, id }) => `Write the region of ${bucket} as region of the target "${id}".`,
};
