import { StepFailure } from '../core/failure.ts';
import type { TargetRow, VersionRow } from '../core/rows.ts';
import type { StepEvent } from '../core/step-result.ts';
import { readCertificate, readRole, readVersion, setDesired } from '../store/certificates.ts';
import { absent } from '../store/condition.ts';
import { succeedRun } from '../store/run-end.ts';
import { associateDistributions, awaitDeployment } from './associate-distributions.ts';
import { replacementAwaitedUntil } from './await-replacement.ts';
import { desireOf } from './commit.ts';
import { installInAcm } from './install-acm.ts';
import type { PushPorts } from './ports.ts';
import { recordProven } from './prove.ts';
import { publishArn } from './publish-arn.ts';
import type { PushRun, PushStepResult } from './push-run.ts';
import { endAgain, pushResult, pushStep, saveTarget } from './push-run.ts';
import { orRenew } from './renew-broken.ts';
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
    const { desired } = target;
    return orRenew(run, () => push(run, desired));
  });
}

async function push(run: PushRun<PushPorts>, desired: string): Promise<PushStepResult> {
  const { ports, target } = run;
  const version = await desiredVersion(ports, target, desired);
  const lookAgainAt = await replacementAwaitedUntil(ports, target, version);
  if (lookAgainAt !== undefined) return endAgain(run, lookAgainAt);
  const arn = await installInAcm(run, version);
  const pushed = await publishArn(await savePushed(run, arn, version), arn);
  const deployed = await associateDistributions(pushed, arn, version);
  if (target.target.probe === 'control-plane')
    return deployed ? recordProven(pushed, version) : awaitDeployment(pushed, arn);
  return pushResult(run, 'proving', FIRST_LOOK_S);
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

async function savePushed<Ports extends PushPorts>(
  run: PushRun<Ports>,
  arn: string,
  version: VersionRow,
): Promise<PushRun<Ports>> {
  const now = run.ports.clock.now();
  const isNew = run.target.pushed !== version.sha256;
  const deadline = isNew ? now + DEADLINE_MS : (run.target.deadline ?? now + DEADLINE_MS);
  const pushedAt = isNew ? now : (run.target.pushedAt ?? now);
  return saveTarget(run, {
    remoteId: arn,
    importing: undefined,
    importUntil: undefined,
    importedAs: undefined,
    pushed: version.sha256,
    pushedAt,
    deadline,
  });
}

function failure(failureClass: 'bug' | 'person' | 'transient', code: string, message: string): StepFailure {
  return new StepFailure({ class: failureClass, code, message });
}
