import { StepFailure } from '../core/failure.ts';
import type { AcmPort, PushBundle } from '../core/ports.ts';
import type { TargetRow, VersionRow } from '../core/rows.ts';
import type { StepEvent } from '../core/step-result.ts';
import { readIssued } from '../core/verify-certificate.ts';
import { readCertificate, readRole, readVersion, setDesired } from '../store/certificates.ts';
import { absent } from '../store/condition.ts';
import { ownRun, succeedRun } from '../store/run-end.ts';
import { updateItem } from '../store/table.ts';
import { desireOf } from './commit.ts';
import type { PushPorts } from './ports.ts';
import { recordProven } from './prove.ts';
import type { PushRun, PushStepResult } from './push-run.ts';
import { endAgain, pushResult, pushStep } from './push-run.ts';
import { recordWatch } from './watch-retired.ts';

/** A pushed version that is not served after this long counts as a failure. Milliseconds. */
const DEADLINE_MS = 2 * 3_600_000;
/** Before the first look at what is served. Seconds. */
const FIRST_LOOK_S = 1;

/** PushTarget: puts the desired version there unless it is there already, and reads it back. */
export function pushTarget(event: StepEvent, ports: PushPorts): Promise<PushStepResult> {
  return pushStep(event, ports, async (run) => {
    const { target } = run;
    if (target.retired === true) return watchRetired(run);
    const newer = await wantNewer(ports, target);
    if (newer !== undefined) return endAgain(run, newer.dueAt ?? ports.clock.now());
    if (target.desired === undefined) return endIdle(run);
    const version = await desiredVersion(ports, target, target.desired);
    const arn = await install(run, version);
    await savePushed(run, arn, version);
    if (target.target.probe === 'control-plane') return recordProven(run, version);
    return pushResult(run, 'proving', FIRST_LOOK_S);
  });
}

/** Nothing is pushed to a retired target any more; whether it still serves what it holds is looked at. */
async function watchRetired(run: PushRun<PushPorts>): Promise<PushStepResult> {
  const { ports, target } = run;
  if (target.target.probe !== 'control-plane') return pushResult(run, 'proving');
  const { remoteId } = target;
  const held = remoteId === undefined ? undefined : await ports.acm(target.target.region).inspect(remoteId);
  return recordWatch(run, held !== undefined && held.inUseBy.length > 0 ? held.sha256 : undefined);
}

/** A promotion whose crash left this target behind is made up for here; the target as it wants the newer version. */
async function wantNewer(ports: PushPorts, target: TargetRow): Promise<TargetRow | undefined> {
  const role = await readRole(ports.table, target.certificate);
  if (role?.version === undefined || role.version === target.desired) return undefined;
  return setDesired(ports.table, target, desireOf(role, role.version, ports.clock.now()));
}

/** Nothing is wanted yet; a promotion at this moment makes it wanted, and must not be taken out of the index. */
async function endIdle(run: PushRun): Promise<PushStepResult> {
  const { ports, target, input } = run;
  const ended = await succeedRun(ports.table, target, input.startSeq, { dueAt: undefined }, absent('desired'));
  return ended === undefined ? endAgain(run, ports.clock.now()) : pushResult(run, 'done');
}

async function desiredVersion(ports: PushPorts, target: TargetRow, sha256: string): Promise<VersionRow> {
  const version = await readVersion(ports.table, target.certificate, sha256);
  if (version === undefined)
    throw failure('bug', 'versionMissing', `version ${sha256} of ${target.certificate} is not in the table`);
  const certificate = await readCertificate(ports.table, target.certificate);
  const environment = certificate?.declaration.cas[0].environment;
  if (version.state === 'stored' && (environment === undefined || version.environment === environment)) return version;
  throw failure(
    'bug',
    'wrongEnvironment',
    `version ${sha256} is ${version.state}, made by a ${version.environment} CA; ${target.target.id} takes ${environment}`,
  );
}

/** The ARN that holds the version now. */
async function install(run: PushRun<PushPorts>, version: VersionRow): Promise<string> {
  const { ports, target } = run;
  const acm = ports.acm(target.target.region);
  const arn = await knownArn(acm, target, version);
  const installed = arn === undefined ? undefined : await acm.describe(arn);
  if (arn !== undefined && installed?.sha256 === version.sha256) return arn;
  if (installed !== undefined && installed.notBefore > version.notBefore) throw olderThanInstalled(target, arn);
  const onto = installed === undefined ? undefined : arn;
  if (onto === undefined) await save(run, { importing: true });
  const imported = await acm.importCertificate(await bundleOf(ports, version), ownerOf(target), onto);
  await save(run, { remoteId: imported, importing: undefined, importedAs: undefined });
  return readBack(acm, imported, version);
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

async function savePushed(run: PushRun, arn: string, version: VersionRow): Promise<void> {
  const now = run.ports.clock.now();
  const isNew = run.target.pushed !== version.sha256;
  const deadline = isNew ? now + DEADLINE_MS : (run.target.deadline ?? now + DEADLINE_MS);
  const pushedAt = isNew ? now : (run.target.pushedAt ?? now);
  await save(run, {
    remoteId: arn,
    importing: undefined,
    importedAs: undefined,
    pushed: version.sha256,
    pushedAt,
    deadline,
  });
}

/** A write of this run to its row; another claim's row is not touched. */
async function save({ ports, target, input }: PushRun, changes: Readonly<Record<string, unknown>>): Promise<void> {
  const written = await updateItem(ports.table, target, changes, ownRun(input.startSeq));
  if (written === undefined)
    throw failure('transient', 'claimLost', `another run has taken ${target.pk} ${target.sk}; this one stops`);
}

function ownerOf({ certificate, target }: TargetRow): { certificate: string; target: string } {
  return { certificate, target: target.id };
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
