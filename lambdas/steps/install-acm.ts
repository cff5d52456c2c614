import { StepFailure } from '../core/failure.ts';
import type { AcmPort, PushBundle } from '../core/ports.ts';
import type { TargetRow, VersionRow } from '../core/rows.ts';
import { readIssued } from '../core/verify-certificate.ts';
import { readRole, readVersion } from '../store/certificates.ts';
import { announceImport, isRefusal } from './announce-import.ts';
import { refuseUnfit } from './existing-arn.ts';
import type { PushPorts } from './ports.ts';
import type { PushRun } from './push-run.ts';
import { ownerOf, saveTarget } from './push-run.ts';

/** Imports a version into ACM unless it is there already, and reads it back. The ARN that holds it now. */
export async function installInAcm(run: PushRun<PushPorts>, version: VersionRow): Promise<string> {
  const { ports, target } = run;
  const acm = ports.acm(target.target.region);
  const arn = target.target.arn ?? (await knownArn(acm, target, version));
  const installed = arn === undefined ? undefined : await acm.describe(arn);
  if (arn !== undefined && installed?.sha256 === version.sha256) return arn;
  const isNewer = installed !== undefined && installed.notBefore > version.notBefore;
  if (isNewer && !(await isOutOfDate(run, installed.sha256))) throw olderThanInstalled(target, arn);
  if (target.target.arn !== undefined && target.target.arn !== target.remoteId)
    await refuseUnfit(acm, target, target.target.arn, version);
  if (target.target.arn !== undefined && installed === undefined) throw gone(target, target.target.arn);
  const onto = installed === undefined ? undefined : arn;
  if (onto === undefined) await announceImport(run);
  const bundle = await bundleOf(ports, version);
  const imported = await acm.importCertificate(bundle, ownerOf(target), onto).catch(async (error: unknown) => {
    if (isRefusal(error)) await saveTarget(run, { importUntil: undefined });
    throw error;
  });
  await saveTarget(run, { remoteId: imported, importing: undefined, importUntil: undefined, importedAs: undefined });
  return readBack(acm, imported, version);
}

/** Names were changed and changed back: what is installed is ours, and the role is back at what was issued before it. */
async function isOutOfDate({ ports: { table }, target }: PushRun<PushPorts>, installed: string): Promise<boolean> {
  const held = await readVersion(table, target.certificate, installed);
  const role = await readRole(table, target.certificate);
  return held !== undefined && role?.version !== undefined && role.version === target.desired;
}

/** The stored ARN; where the answer to a first import may have been lost, the one that was tagged by it. */
async function knownArn(acm: AcmPort, target: TargetRow, version: VersionRow): Promise<string | undefined> {
  if (target.importing !== true) return target.remoteId;
  const { importedAs } = target;
  const before = importedAs === undefined ? undefined : { certificate: importedAs, target: target.target.id };
  for (const owner of [ownerOf(target), ...(before === undefined ? [] : [before])]) {
    const found = await acm.find(owner, version.domains);
    if (found !== undefined) return found;
  }
  return target.remoteId;
}

async function readBack(acm: AcmPort, arn: string, version: VersionRow): Promise<string> {
  const found = await acm.describe(arn);
  if (found?.sha256 === version.sha256) return arn;
  throw failure(
    'transient',
    'readBack',
    `${arn} holds ${found?.sha256 ?? 'nothing'} after version ${version.sha256} was imported`,
  );
}

async function bundleOf(ports: PushPorts, version: VersionRow): Promise<PushBundle> {
  const issued = readIssued(version.chainPem);
  if (issued === undefined) throw failure('bug', 'versionBroken', `version ${version.sha256} holds no certificate`);
  const privateKeyPem = await ports.vault.open(version.sealedKey);
  return { sha256: version.sha256, leafPem: issued.leafPem, intermediatesPem: issued.intermediatesPem, privateKeyPem };
}

function gone({ target }: TargetRow, arn: string): StepFailure {
  return failure(
    'person',
    'arnMissing',
    `there is no certificate ${arn} in ACM any more, which the target "${target.id}" names. Take arn out of the target, so that a new one is imported, or name one that exists`,
  );
}

function olderThanInstalled({ target, desired }: TargetRow, arn: string | undefined): StepFailure {
  return failure(
    'person',
    'newerInstalled',
    `${arn ?? target.id} holds a newer certificate than version ${desired ?? '?'}; it was left as it is. Renew the certificate, or remove what was installed there by hand`,
  );
}

function failure(failureClass: 'bug' | 'person' | 'transient', code: string, message: string): StepFailure {
  return new StepFailure({ class: failureClass, code, message });
}
