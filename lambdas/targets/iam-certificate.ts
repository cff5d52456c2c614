import { X509Certificate } from 'node:crypto';
import {
  DeleteServerCertificateCommand,
  GetServerCertificateCommand,
  type IAMClient,
  type ServerCertificateMetadata,
  UploadServerCertificateCommand,
} from '@aws-sdk/client-iam';
import { awsErrorFacts, awsFailure } from '../core/aws-failure.ts';
import { StepFailure } from '../core/failure.ts';
import type { CloudFrontPort } from '../core/ports.ts';
import type { IamCertificateTarget } from '../core/target-declaration.ts';
import type { Installed, PushJob, TargetDriver } from '../core/target-driver.ts';
import { sha256Of } from '../core/verify-certificate.ts';

export type IamCertificateDriverParts = {
  readonly client: IAMClient;
  readonly cloudFront: CloudFrontPort;
};

/** CloudFront sees server certificates below `/cloudfront/` only. */
const PATH = '/cloudfront/perennial/';
const LONGEST_NAME = 128;

/**
 * Server certificates of IAM and the CloudFront distributions that serve them. One cannot be changed, so every version is
 * another, whose name says which it is: a request that is repeated makes nothing twice.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html
 */
export function createIamCertificateDriver({
  client,
  cloudFront,
}: IamCertificateDriverParts): TargetDriver<IamCertificateTarget> {
  return {
    install: (job) => install(client, job),
    attach: (job, name) => attach(client, cloudFront, job, name),
    discard: (_target, name) => discard(client, name),
  };
}

async function install(client: IAMClient, job: PushJob<IamCertificateTarget>): Promise<Installed> {
  const name = nameOf(job);
  if ((await read(client, name)) === undefined) await upload(client, job, name);
  const held = await read(client, name);
  if (held?.sha256 === job.sha256) return { remoteId: name, deployed: true };
  const message = `the server certificate ${PATH}${name} holds ${held?.sha256 ?? 'nothing'} instead of version ${job.sha256}`;
  throw new StepFailure({ class: held === undefined ? 'transient' : 'bug', code: 'readBack', message });
}

/** Letters, digits and `+=,.@_-`, 128 at most. The end of the name is what tells versions apart. */
function nameOf({ owner, sha256 }: PushJob<IamCertificateTarget>): string {
  const end = `-${sha256.slice(0, 16)}`;
  return `perennial-${owner.certificate}-${owner.target}`.slice(0, LONGEST_NAME - end.length) + end;
}

async function upload(client: IAMClient, job: PushJob<IamCertificateTarget>, name: string): Promise<void> {
  const { leafPem, intermediatesPem, privateKeyPem } = await job.bundle();
  const command = new UploadServerCertificateCommand({
    Path: PATH,
    ServerCertificateName: name,
    CertificateBody: leafPem,
    PrivateKey: privateKeyPem,
    ...(intermediatesPem !== '' && { CertificateChain: intermediatesPem }),
  });
  try {
    await client.send(command);
  } catch (error) {
    // Another invocation was first, or an answer was lost: what is there is read.
    if (awsErrorFacts(error).name !== 'EntityAlreadyExistsException') throw failureOf(error, 'Uploading', name);
  }
}

type Held = { readonly sha256: string; readonly id: string };

async function read(client: IAMClient, name: string): Promise<Held | undefined> {
  try {
    const { ServerCertificate } = await client.send(new GetServerCertificateCommand({ ServerCertificateName: name }));
    const { ServerCertificateId = '' }: Partial<ServerCertificateMetadata> =
      ServerCertificate?.ServerCertificateMetadata ?? {};
    return { sha256: sha256Of(new X509Certificate(ServerCertificate?.CertificateBody ?? '')), id: ServerCertificateId };
  } catch (error) {
    if (awsErrorFacts(error).name === 'NoSuchEntityException') return undefined;
    throw failureOf(error, 'Reading', name);
  }
}

/** Distributions name the id that IAM gave. */
async function attach(
  client: IAMClient,
  cloudFront: CloudFrontPort,
  { target, domains }: PushJob<IamCertificateTarget>,
  name: string,
): Promise<boolean> {
  const held = await read(client, name);
  if (held === undefined) return false;
  const certificate = { iamCertificateId: held.id };
  const turns = target.distributions.map((id) => cloudFront.associate(id, certificate, domains));
  const results = await Promise.allSettled(turns);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results.every((result) => result.status === 'fulfilled' && result.value.deployed);
}

async function discard(client: IAMClient, name: string): Promise<boolean> {
  try {
    await client.send(new DeleteServerCertificateCommand({ ServerCertificateName: name }));
    return true;
  } catch (error) {
    const { name: code } = awsErrorFacts(error);
    if (code === 'NoSuchEntityException') return true;
    if (code === 'DeleteConflictException') return false;
    throw failureOf(error, 'Deleting', name);
  }
}

function failureOf(error: unknown, doing: string, name: string): StepFailure {
  const { name: code } = awsErrorFacts(error);
  const failure = awsFailure(error, `${doing} the server certificate ${PATH}${name}`);
  if (code !== 'ServiceFailureException' && code !== 'ConcurrentModificationException') return failure;
  return new StepFailure({ ...failure.detail, class: 'transient' }, { cause: error });
}
