import { StepFailure } from '../core/failure.ts';
import type { TargetRow } from '../core/rows.ts';
import { certificateNameOf } from '../core/rows.ts';
import type { PushStepStatus, RunInput, StepEvent, StepResult } from '../core/step-result.ts';
import { decideWait } from '../core/waiting.ts';
import { readTarget } from '../store/certificates.ts';
import { parseTarget } from '../store/parse.ts';
import { giveRunBack, ownRun } from '../store/run-end.ts';
import type { Changes } from '../store/table.ts';
import { updateItem } from '../store/table.ts';
import { withStepFailures } from './failures.ts';
import { publishOutbox } from './outbox.ts';
import type { BasePorts } from './ports.ts';
import { refuseNewer } from './refuse-newer.ts';

export type PushStepResult = StepResult<PushStepStatus>;

/** One invocation of one step of a Push run. */
export type PushRun<Ports extends BasePorts = BasePorts> = {
  readonly ports: Ports;
  readonly input: RunInput;
  readonly target: TargetRow;
  readonly rounds: number;
  readonly startedAt: number;
};

/** Reads the target first: a run that is done already, outdated, or whose target is gone does no more work. */
export function pushStep<Ports extends BasePorts>(
  event: StepEvent,
  ports: Ports,
  work: (run: PushRun<Ports>) => Promise<PushStepResult>,
): Promise<PushStepResult> {
  return withStepFailures(async () => {
    const { input } = event;
    refuseNewer(input);
    const previous = input.step?.result;
    const target = await readTarget(ports.table, certificateNameOf(input), input.sk.replace(/^TARGET#/, ''));
    const progress = { rounds: (previous?.rounds ?? 0) + 1, startedAt: previous?.startedAt ?? ports.clock.now() };
    const isCurrent = target !== undefined && target.startSeq === input.startSeq;
    if (!isCurrent) return pushResult(progress, 'superseded');
    if (target.doneSeq === input.startSeq) {
      await publishOutbox(ports, target);
      return pushResult(progress, 'done');
    }
    return work({ ports, input, target, ...progress });
  });
}

/** The fixed shape of every answer. */
export function pushResult(
  { rounds, startedAt }: Pick<PushRun, 'rounds' | 'startedAt'>,
  status: PushStepStatus,
  waitSeconds = 0,
): PushStepResult {
  return { status, waitSeconds, rounds, slot: '', nonce: '', startedAt };
}

/** Whose certificate it is, as ACM's tag and the ARN's parameter name it. */
export function ownerOf({ certificate, target }: TargetRow): { readonly certificate: string; readonly target: string } {
  return { certificate, target: target.id };
}

/** A write of this run to its row, and the run with the row as written; another claim's row is not touched. */
export async function saveTarget<Ports extends BasePorts>(
  run: PushRun<Ports>,
  changes: Changes,
): Promise<PushRun<Ports>> {
  const { ports, target, input } = run;
  const written = await updateItem(ports.table, target, changes, ownRun(input.startSeq));
  if (written !== undefined) return { ...run, target: parseTarget(written) };
  const message = `another run has taken ${target.pk} ${target.sk}; this one stops`;
  throw new StepFailure({ class: 'transient', code: 'claimLost', message });
}

/** Waits for the target to serve what it was given, or parks the run: no failure. */
export async function waitOrParkPush(run: PushRun): Promise<PushStepResult> {
  const decision = decideWait(run, run.ports.clock.now());
  if (decision.kind === 'wait') return pushResult(run, 'proving', decision.seconds);
  return endAgain(run, decision.until);
}

/** Ends this run without success or failure; the row is due again at `dueAt`. */
export async function endAgain(run: PushRun, dueAt: number): Promise<PushStepResult> {
  await giveRunBack(run.ports.table, run.target, dueAt);
  return pushResult(run, 'parked');
}
