import { importPlaceOf } from '../core/acm-imports.ts';
import { StepFailure } from '../core/failure.ts';
import type { TargetRow, VersionRow } from '../core/rows.ts';
import type { StepEvent } from '../core/step-result.ts';
import type { TargetDeclaration } from '../core/target-declaration.ts';
import type { TargetDriver } from '../core/target-driver.ts';
import { readCertificate, readRole, readVersion, setDesired } from '../store/certificates.ts';
import { absent } from '../store/condition.ts';
import { countImport } from '../store/imports.ts';
import { succeedRun } from '../store/run-end.ts';
import { replacementAwaitedUntil } from './await-replacement.ts';
import { boundCertificate, hurryBound } from './bound-certificate.ts';
import { desireOf } from './commit.ts';
import { heldAs, NOTHING_ON_ITS_WAY } from './making.ts';
import type { PushPorts } from './ports.ts';
import { recordProven } from './prove.ts';
import { publishArn } from './publish-arn.ts';
import { pushJob } from './push-job.ts';
import type { PushRun, PushStepResult } from './push-run.ts';
import { endAgain, pushResult, pushStep, saveTarget, waitOrParkPush } from './push-run.ts';
import { orRenew } from './renew-broken.ts';
import { clearSuperseded } from './superseded.ts';
import { recordWatch } from './watch-retired.ts';

/** A pushed version that is not served after this long counts as a failure. Milliseconds. */
const DEADLINE_MS = 2 * 3_600_000;
/** Before the first look at what is served. Seconds. */
const FIRST_LOOK_S = 1;

/** PushTarget: puts the desired version there unless it is there already, and reads it back. */
export function pushTarget(event: StepEvent, ports: PushPorts): Promise<PushStepResult> {
  return pushStep(event, ports, async (run) => {
    const { target } = run;
    const driver = driverOf(ports, target);
    if (target.retired === true) return watchRetired(run, driver);
    const newer = await wantNewer(ports, target);
    if (newer !== undefined) return endAgain(run, newer.dueAt ?? ports.clock.now());
    if (target.desired === undefined) return endIdle(run);
    const { desired } = target;
    return orRenew(run, () => push(run, driver, desired));
  });
}

function driverOf({ drivers }: PushPorts, { target, pk, sk }: TargetRow): TargetDriver<TargetDeclaration> {
  const driver: TargetDriver<TargetDeclaration> | undefined = drivers[target.kind];
  if (driver !== undefined) return driver;
  throw failure('bug', 'noDriver', `${pk} ${sk} is of kind ${target.kind}, which this Lambda cannot push to`);
}

async function push(
  run: PushRun<PushPorts>,
  driver: TargetDriver<TargetDeclaration>,
  desired: string,
): Promise<PushStepResult> {
  const { ports, target } = run;
  const version = await desiredVersion(ports, target, desired);
  const lookAgainAt = await replacementAwaitedUntil(ports, target, version);
  if (lookAgainAt !== undefined) return endAgain(run, lookAgainAt);
  const bound = await boundCertificate(ports, target, version);
  if (bound.kind === 'awaited') return waitOrParkPush(run);
  const job = pushJob(run, version, bound.kind === 'ready' ? bound.arn : undefined);
  const { remoteId, deployed } = await driver.install(job);
  const pushed = await publishArn(await savePushed(run, driver, remoteId, version), remoteId);
  const attached = (await driver.attach?.(job, remoteId)) ?? true;
  const cleared = await clearSuperseded(pushed, driver);
  if (target.target.probe !== 'control-plane') return pushResult(run, 'proving', FIRST_LOOK_S);
  return deployed && attached ? recordProven(cleared, version) : awaitDeployment(cleared, remoteId);
}

/** Some take minutes until a change is in effect everywhere; past the deadline that is a failure. */
function awaitDeployment(run: PushRun<PushPorts>, remoteId: string): Promise<PushStepResult> {
  const { deadline = Number.POSITIVE_INFINITY, target } = run.target;
  if (run.ports.clock.now() <= deadline) return waitOrParkPush(run);
  const places = 'distributions' in target ? (target.distributions ?? []) : [target.id];
  throw failure(
    'person',
    'notDeployed',
    `${places.join(', ')} had ${remoteId} to serve, but it is not said to be in effect everywhere; look there, something may be disabled or held by another change`,
  );
}

/** Nothing is pushed to a retired target any more; whether it still serves what it holds is looked at. */
async function watchRetired(run: PushRun<PushPorts>, driver: TargetDriver<TargetDeclaration>): Promise<PushStepResult> {
  const { remoteId, target } = run.target;
  if (target.probe !== 'control-plane') return pushResult(run, 'proving');
  return recordWatch(run, remoteId === undefined ? undefined : await driver.serves?.(target, remoteId));
}

/** A promotion whose crash left this target behind is made up for here; the target as it wants the newer version. */
async function wantNewer(ports: PushPorts, target: TargetRow): Promise<TargetRow | undefined> {
  const role = await readRole(ports.table, target.certificate);
  if (role?.version === undefined || role.version === target.desired) return undefined;
  if (role.version === target.rolledBackFrom) return undefined;
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

async function savePushed(
  run: PushRun<PushPorts>,
  driver: TargetDriver<TargetDeclaration>,
  remoteId: string,
  version: VersionRow,
): Promise<PushRun<PushPorts>> {
  const { target } = run;
  const now = run.ports.clock.now();
  const isNew = run.target.pushed !== version.sha256;
  const deadline = isNew ? now + DEADLINE_MS : (run.target.deadline ?? now + DEADLINE_MS);
  const pushedAt = isNew ? now : (run.target.pushedAt ?? now);
  const pushed = await saveTarget(run, {
    ...heldAs(run.target, remoteId, driver.discard !== undefined),
    ...NOTHING_ON_ITS_WAY,
    pushed: version.sha256,
    pushedAt,
    deadline,
  });
  if (isNew) await hurryBound(run.ports, pushed.target, now);
  if (isNew) await countAcmImport(run.ports, target, now);
  return pushed;
}

/** A count that is not written is no reason to fail a push. */
async function countAcmImport(ports: PushPorts, { target }: TargetRow, now: number): Promise<void> {
  if (target.kind === 'acm') await countImport(ports.table, importPlaceOf(target), now).catch(() => undefined);
}

function failure(failureClass: 'bug' | 'person', code: string, message: string): StepFailure {
  return new StepFailure({ class: failureClass, code, message });
}
