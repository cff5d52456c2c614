import type { TargetRow } from '../core/rows.ts';
import { certificateNameOf } from '../core/rows.ts';
import type { PushStepStatus, RunInput, StepEvent, StepResult } from '../core/step-result.ts';
import { decideWait } from '../core/waiting.ts';
import { readTarget } from '../store/certificates.ts';
import { giveRunBack } from '../store/run-end.ts';
import { withStepFailures } from './failures.ts';
import type { BasePorts } from './ports.ts';

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
    const previous = input.step?.result;
    const target = await readTarget(ports.table, certificateNameOf(input), input.sk.replace(/^TARGET#/, ''));
    const progress = { rounds: (previous?.rounds ?? 0) + 1, startedAt: previous?.startedAt ?? ports.clock.now() };
    const isCurrent = target !== undefined && target.startSeq === input.startSeq;
    if (!isCurrent) return pushResult(progress, 'superseded');
    if (target.doneSeq === input.startSeq) return pushResult(progress, 'done');
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
