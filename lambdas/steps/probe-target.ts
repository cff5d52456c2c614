import { StepFailure } from '../core/failure.ts';
import type { VersionRow } from '../core/rows.ts';
import type { StepEvent } from '../core/step-result.ts';
import { readVersion } from '../store/certificates.ts';
import type { Look } from './in-step-wait.ts';
import { InStepWait } from './in-step-wait.ts';
import type { ProbePorts } from './ports.ts';
import { recordProven } from './prove.ts';
import type { PushRun, PushStepResult } from './push-run.ts';
import { pushResult, pushStep, saveTarget, waitOrParkPush } from './push-run.ts';
import { recordWatch } from './watch-retired.ts';

/** One handshake, milliseconds. */
const HANDSHAKE_MS = 5_000;

/** ProbeTarget: looks by TLS at what is served until it is the version that was pushed, or the deadline has passed. */
export function probeTarget(event: StepEvent, ports: ProbePorts): Promise<PushStepResult> {
  return pushStep(event, ports, async (run) => {
    const { target } = run;
    if (target.retired === true) return recordWatch(run, await servedBy(run));
    if (target.desired === undefined || target.pushed !== target.desired || target.target.probe === 'control-plane')
      return pushResult(run, 'push');
    const version = await readVersion(ports.table, target.certificate, target.desired);
    if (version === undefined) return pushResult(run, 'push');
    const found = await new InStepWait(ports).until(() => look(run, version));
    if (found.over) return recordProven(run, version);
    if (ports.clock.now() <= (target.deadline ?? Number.POSITIVE_INFINITY)) return waitOrParkPush(run);
    await hurryFor(run, found.value.notAfter);
    throw notServed(run, version, found.value.text);
  });
}

/** What is really served decides how urgent it is, where that ends before what was proven last. */
async function hurryFor(run: PushRun<ProbePorts>, notAfter: number | undefined): Promise<void> {
  if (notAfter === undefined || notAfter >= (run.target.endsAt ?? Number.POSITIVE_INFINITY)) return;
  await saveTarget(run, { endsAt: notAfter });
}

/** What was seen: the leaf's SHA-256 and end, or why there is none. */
type Seen = { readonly text: string; readonly notAfter?: number };

/** What is seen at a retired target; one that answers nothing serves nothing of ours. */
async function servedBy({ ports, target }: PushRun<ProbePorts>): Promise<string | undefined> {
  const { probe } = target.target;
  if (probe === 'control-plane') return undefined;
  const served = await ports.served.probe(probe, HANDSHAKE_MS);
  return 'error' in served ? undefined : served.sha256;
}

async function look({ ports, target }: PushRun<ProbePorts>, version: VersionRow): Promise<Look<Seen>> {
  const { probe } = target.target;
  if (probe === 'control-plane') return { over: true, value: { text: '' } };
  const served = await ports.served.probe(probe, HANDSHAKE_MS, version);
  if ('error' in served) return { over: false, value: { text: served.error } };
  const { sha256, notAfter } = served;
  return { over: sha256 === version.sha256, value: { text: sha256, notAfter } };
}

function notServed({ target }: PushRun, version: VersionRow, found: string): StepFailure {
  const { probe, id } = target.target;
  const where = probe === 'control-plane' ? id : `${probe.servername} at ${probe.host}:${probe.port}`;
  const message = `${where} does not serve version ${version.sha256}, which ${id} was given; seen instead: ${found}. Check that ${target.remoteId ?? id} is the certificate used there, or set the target's probe`;
  return new StepFailure({ class: 'person', code: 'notServed', message });
}
