import type { AttemptOutcome } from '../core/attempt-rows.ts';
import type { SlotOrder } from '../core/rows.ts';
import { roleKey } from '../core/rows.ts';
import type { OrderStepStatus, StepEvent } from '../core/step-result.ts';
import { makeDueBy } from '../store/due-rows.ts';
import { nameNow } from '../store/rename.ts';
import { asStepFailure, withStepFailures } from './failures.ts';
import { finishAgain } from './finish-order.ts';
import type { HeldSlot } from './held-slot.ts';
import type { OrderRun, OrderStepResult, Reader } from './order-run.ts';
import { beginRun, endHeld, openRun, resultOf } from './order-run.ts';
import type { OrderPorts } from './ports.ts';

/** What a step does once its run is open. */
type Work = (run: OrderRun) => Promise<OrderStepResult>;

/** Opens the run by its role; a run that is done already, or whose certificate is gone, does no more work. */
export function orderStep(event: StepEvent, ports: OrderPorts, step: Reader, work: Work): Promise<OrderStepResult> {
  return withStepFailures(async () => {
    const opened = await openRun(event, ports, step);
    if (opened.kind === 'gone') return goneResult(event, ports);
    if (opened.kind === 'done') return finishAgain(opened.run, await slotIfFree(opened.run));
    return withHistory(opened.run, work);
  });
}

/** What the work has to tell is written at its end, however it ends. */
async function withHistory(run: OrderRun, work: Work): Promise<OrderStepResult> {
  try {
    const result = await work(run);
    await run.history.write(OUTCOMES[result.status] ?? 'running');
    return result;
  } catch (error) {
    const failure = asStepFailure(error);
    run.history.failed(failure);
    await run.history.write('failed');
    throw failure;
  }
}

const OUTCOMES: Partial<Record<OrderStepStatus, AttemptOutcome>> = {
  done: 'issued',
  held: 'held',
  parked: 'parked',
  superseded: 'superseded',
};

/** Work on the slot that the run's first step chose, and on the order in it. */
export function onSlot(
  event: StepEvent,
  ports: OrderPorts,
  step: Reader,
  work: (run: OrderRun, slot: HeldSlot, order: SlotOrder) => Promise<OrderStepResult>,
): Promise<OrderStepResult> {
  return orderStep(event, ports, step, async (run) => {
    const slot = await beginRun(run);
    if (slot === undefined) return resultOf(run, run.superseded ? 'superseded' : 'reorder');
    if ('heldUntil' in slot) return run.superseded ? resultOf(run, 'superseded') : endHeld(run, slot.heldUntil);
    if (run.superseded && !mustBeFollowed(slot)) return abandon(run, slot);
    return slot.order === undefined ? endWithoutOrder(run, slot) : work(run, slot, slot.order);
  });
}

/** Somebody has ended the order: a new one is begun on a free slot, if this run is still heard. */
async function endWithoutOrder(run: OrderRun, slot: HeldSlot): Promise<OrderStepResult> {
  await slot.release();
  return resultOf(run, 'reorder', slot);
}

/** An order with a finalize intent may have issued a certificate: it is followed to its end, whoever it is for. */
export function mustBeFollowed(slot: HeldSlot): boolean {
  return slot.order?.finalizeIntent !== undefined;
}

/** A newer claim has come: this run only gives the slot free. */
export async function abandon(run: OrderRun, slot: HeldSlot): Promise<OrderStepResult> {
  await slot.release();
  // The newer claim, or that of the name it was renamed to, may have found this slot held.
  const now = run.ports.clock.now();
  const name = await nameNow(run.ports.table, run.role.certificate);
  await makeDueBy(run.ports.table, roleKey(name), now, now);
  return resultOf(run, 'superseded', slot);
}

async function slotIfFree(run: OrderRun): Promise<HeldSlot | undefined> {
  const slot = await beginRun(run);
  return slot === undefined || 'heldUntil' in slot ? undefined : slot;
}

function goneResult(event: StepEvent, ports: OrderPorts): OrderStepResult {
  const previous = event.input.step?.result;
  const status: OrderStepStatus = 'superseded';
  return {
    status,
    waitSeconds: 0,
    rounds: previous?.rounds ?? 0,
    slot: previous?.slot ?? '',
    nonce: '',
    startedAt: previous?.startedAt ?? ports.clock.now(),
  };
}
