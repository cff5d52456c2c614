import { StepFailure } from '../core/failure.ts';
import type { AcmPort, CloudFrontPort } from '../core/ports.ts';
import type { AcmTarget } from '../core/target-declaration.ts';
import type { Installed, PushJob, TargetDriver } from '../core/target-driver.ts';
import { refuseUnfit } from './existing-arn.ts';

export type AcmDriverParts = {
  /** ACM where a target is. */
  readonly acm: (target: AcmTarget) => AcmPort;
  readonly cloudFront: CloudFrontPort;
};

/**
 * Certificates in ACM, and the CloudFront distributions that serve them. A renewal is imported onto the ARN that there is;
 * what ACM would not have on that ARN gets a new one, to which the distributions change over.
 * https://docs.aws.amazon.com/acm/latest/userguide/import-reimport.html
 */
export function createAcmDriver({ acm, cloudFront }: AcmDriverParts): TargetDriver<AcmTarget> {
  return {
    install: (job) => install(acm(job.target), job),
    attach: (job, arn) => attach(cloudFront, job, arn),
    discard: (target, arn) => acm(target).remove(arn),
    serves: async (target, arn) => {
      const held = await acm(target).inspect(arn);
      return held !== undefined && held.inUseBy.length > 0 ? held.sha256 : undefined;
    },
  };
}

async function install(acm: AcmPort, job: PushJob<AcmTarget>): Promise<Installed> {
  const { target, sha256 } = job;
  const arn = target.arn ?? (await knownArn(acm, job));
  const held = arn === undefined ? undefined : await acm.describe(arn);
  if (arn !== undefined && held?.sha256 === sha256) return { remoteId: arn, deployed: true };
  const isNewer = held !== undefined && held.notBefore > job.notBefore;
  if (isNewer && !(await job.mayReplaceNewer(held.sha256))) throw olderThanInstalled(job, arn);
  if (target.arn !== undefined && target.arn !== job.remoteId) await refuseUnfit(acm, job, target.arn);
  if (target.arn !== undefined && held === undefined) throw gone(target, target.arn);
  const imported = await importFor(acm, job, held === undefined ? undefined : arn);
  await readBack(acm, imported, sha256);
  return { remoteId: imported, deployed: true };
}

/**
 * Onto the ARN that there is, if ACM takes it there: it keeps key type, size and usages of an ARN, and says of the last only
 * by refusing. An ARN that was declared is never left for another.
 */
async function importFor(acm: AcmPort, job: PushJob<AcmTarget>, arn: string | undefined): Promise<string> {
  if (arn === undefined || job.target.arn !== undefined) return importOnto(acm, job, arn);
  const held = await acm.inspect(arn);
  if (held?.keyType !== job.keyType) return importOnto(acm, job, undefined);
  try {
    return await importOnto(acm, job, arn);
  } catch (error) {
    if (!(error instanceof StepFailure && error.detail.code === 'ValidationException')) throw error;
    return importOnto(acm, job, undefined);
  }
}

async function importOnto(acm: AcmPort, job: PushJob<AcmTarget>, arn: string | undefined): Promise<string> {
  const { making, owner } = job;
  if (arn === undefined) await making.announce();
  const imported = await acm.importCertificate(await job.bundle(), owner, arn).catch(async (error: unknown) => {
    if (isRefusal(error)) await making.refused();
    throw error;
  });
  await making.made(imported);
  return imported;
}

/** Whether AWS itself has answered: then what was sent is not on its way any more. */
function isRefusal(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && '$fault' in cause && cause.$fault === 'client';
}

/** The stored ARN; where the answer to an import may have been lost, the one that was tagged by it. */
async function knownArn(acm: AcmPort, job: PushJob<AcmTarget>): Promise<string | undefined> {
  const { making, remoteId, domains, superseded } = job;
  const known = remoteId === undefined ? superseded : [remoteId, ...superseded];
  for (const owner of making.perhapsAs) {
    const found = await acm.find(owner, domains, known);
    if (found !== undefined) return found;
  }
  return remoteId;
}

async function readBack(acm: AcmPort, arn: string, sha256: string): Promise<void> {
  const found = await acm.describe(arn);
  if (found?.sha256 === sha256) return;
  throw failure(
    'transient',
    'readBack',
    `${arn} holds ${found?.sha256 ?? 'nothing'} after version ${sha256} was imported`,
  );
}

/**
 * Has every distribution serve the ARN. Most pushes change nothing here, since a certificate is re-imported onto the ARN that
 * is served. Whether all of them are deployed; one that fails does not keep the others from their turn.
 */
async function attach(
  cloudFront: CloudFrontPort,
  { target, domains }: PushJob<AcmTarget>,
  arn: string,
): Promise<boolean> {
  const turns = (target.distributions ?? []).map((id) => cloudFront.associate(id, { acmArn: arn }, domains));
  const results = await Promise.allSettled(turns);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results.every((result) => result.status === 'fulfilled' && result.value.deployed);
}

function gone(target: AcmTarget, arn: string): StepFailure {
  return failure(
    'person',
    'arnMissing',
    `there is no certificate ${arn} in ACM any more, which the target "${target.id}" names. Take arn out of the target, so that a new one is imported, or name one that exists`,
  );
}

function olderThanInstalled({ target, sha256 }: PushJob<AcmTarget>, arn: string | undefined): StepFailure {
  return failure(
    'person',
    'newerInstalled',
    `${arn ?? target.id} holds a newer certificate than version ${sha256}; it was left as it is. Renew the certificate, or remove what was installed there by hand`,
  );
}

function failure(failureClass: 'person' | 'transient', code: string, message: string): StepFailure {
  return new StepFailure({ class: failureClass, code, message });
}
