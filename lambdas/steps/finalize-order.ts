import type { AcmeSession } from '../acme/session.ts';
import { StepFailure } from '../core/failure.ts';
import { intentClosesAt, MAX_SENDS, nextIntent, sendsOf } from '../core/intent.ts';
import { lookBeforeEnd } from '../core/order-end.ts';
import type { SlotOrder } from '../core/rows.ts';
import type { StepEvent } from '../core/step-result.ts';
import { withSession } from './ca-session.ts';
import { finishOrder } from './finish-order.ts';
import { followSeen } from './follow-order.ts';
import type { HeldSlot } from './held-slot.ts';
import { InStepWait } from './in-step-wait.ts';
import type { OrderReading } from './note-order.ts';
import type { OrderRun, OrderStepResult } from './order-run.ts';
import { resultOf, waitOrPark } from './order-run.ts';
import { onSlot } from './order-step.ts';
import type { OrderPorts } from './ports.ts';
import { lookAtOrder } from './read-order.ts';
import type { FinalizeAnswer } from './send-finalize.ts';
import { sendFinalize, throwRefusal } from './send-finalize.ts';

/** A status read longer ago than this is read again. Milliseconds. */
const FRESH_MS = 60_000;

/** FinalizeOrder: finalizes an order that was just read `ready` and has no open intent; collects one that is `valid`. */
export function finalizeOrder(event: StepEvent, ports: OrderPorts): Promise<OrderStepResult> {
  return onSlot(event, ports, 'finalizeOrder', async (run, slot, order) => {
    if (order.url === undefined) return resultOf(run, 'reorder', slot);
    return withSession(ports, order.ca, run.nonce, (session) => proceed(run, slot, session, order));
  });
}

type Finalizing = {
  readonly run: OrderRun;
  readonly slot: HeldSlot;
  readonly session: AcmeSession;
  readonly wait: InStepWait;
};

async function proceed(
  run: OrderRun,
  slot: HeldSlot,
  session: AcmeSession,
  order: SlotOrder,
): Promise<OrderStepResult> {
  const work: Finalizing = { run, slot, session, wait: new InStepWait(run.ports) };
  const status = freshStatus(run, slot, order);
  if (status === 'ready' && mayFinalize(order)) return finalize(work, order);
  if (status === 'valid' && order.certificateUrl !== undefined)
    return finishOrder(run, slot, session, order, order.certificateUrl);
  return goBy(work, (await lookAtOrder(run.ports, slot, session, order.url ?? '')).value);
}

/** What the invocation at the fence just before this one read, if that is recent: nobody can have acted in between. */
function freshStatus({ ports }: OrderRun, slot: HeldSlot, order: SlotOrder): string | undefined {
  const isFresh =
    order.statusFence === slot.lease.previousFence && ports.clock.now() - (order.statusAt ?? 0) < FRESH_MS;
  return isFresh ? order.status : undefined;
}

/** No finalize was sent, or the status was read when the last one could not be on its way any more. */
function mayFinalize({ finalizeIntent, statusAt }: SlotOrder): boolean {
  return finalizeIntent === undefined || (statusAt ?? 0) >= intentClosesAt(finalizeIntent);
}

/** Does what an order that was just read asks for. */
async function goBy(work: Finalizing, reading: OrderReading): Promise<OrderStepResult> {
  const { run, slot, session } = work;
  const { order } = slot;
  if (reading.kind === 'read' && order !== undefined) {
    if (reading.status === 'valid' && order.certificateUrl !== undefined)
      return finishOrder(run, slot, session, order, order.certificateUrl);
    if (reading.status === 'ready' && mayFinalize(order)) return finalize(work, order);
    if (reading.status === 'ready') return waitForIntent(run, slot, order);
  }
  return followSeen(run, slot, session, reading, 'finalizeOrder');
}

/** Another finalize may still be on its way to the CA: nobody sends one until it cannot be. */
function waitForIntent(run: OrderRun, slot: HeldSlot, { finalizeIntent }: SlotOrder): Promise<OrderStepResult> {
  return waitOrPark(run, slot, 'processing', finalizeIntent === undefined ? undefined : intentClosesAt(finalizeIntent));
}

/** Intent first, then the request; any answer but a parsed 200 means: read the order. */
async function finalize(work: Finalizing, order: SlotOrder): Promise<OrderStepResult> {
  const { run, slot } = work;
  const { startSeq } = run.input;
  if (sendsOf(order.finalizeIntent, startSeq) >= MAX_SENDS) throw sentTooOften(order);
  const { clock, deadline } = run.ports;
  const intent = nextIntent(order.finalizeIntent, { startSeq, now: clock.now(), deadline });
  await slot.save({ order: { ...order, finalizeIntent: intent } });
  const answer = await sendFinalize(run.ports, slot, work.session, order, intent);
  const reading = await settle(work, order.url ?? '', answer);
  if (reading === undefined)
    return waitOrPark(run, slot, 'processing', lookBeforeEnd(answer.refusal?.answer.retryAt, order.expires));
  if (answer.refusal !== undefined && isStillReady(reading)) await throwRefusal(run.ports, slot, answer.refusal);
  return goBy(work, reading);
}

/** What became of the order: polled while it is processing; undefined when the CA asked for a longer pause before a look. */
async function settle(
  { run, slot, session, wait }: Finalizing,
  url: string,
  answer: FinalizeAnswer,
): Promise<OrderReading | undefined> {
  const look = (): ReturnType<typeof lookAtOrder> => lookAtOrder(run.ports, slot, session, url);
  const { reading, refusal } = answer;
  if (reading === undefined) {
    const mayLook = refusal?.answer.retryAt === undefined || (await wait.sleep(refusal.answer.retryAt));
    return mayLook ? (await wait.until(look)).value : undefined;
  }
  const onItsWay = reading.kind === 'waiting' || (reading.kind === 'read' && reading.status === 'processing');
  const retryAt = reading.kind === 'read' ? reading.order.retryAt : undefined;
  return onItsWay && (await wait.sleep(retryAt)) ? (await wait.until(look)).value : reading;
}

function isStillReady(reading: OrderReading): boolean {
  return reading.kind === 'read' && reading.status === 'ready';
}

function sentTooOften({ ca }: SlotOrder): StepFailure {
  const message = `${ca.name} was sent ${MAX_SENDS} finalize requests for one order, and the order is still ready`;
  return new StepFailure({ class: 'caSide', code: 'finalizeUnanswered', message, ca: ca.name });
}
