import type { AcmeOrder } from '../acme/objects.ts';
import type { AcmeSession } from '../acme/session.ts';
import { StepFailure } from '../core/failure.ts';
import { lookBeforeEnd, validationEndsAt } from '../core/order-end.ts';
import type { SlotOrder } from '../core/rows.ts';
import { failInvalid } from './fail-invalid.ts';
import { asStepFailure } from './failures.ts';
import { finishOrder } from './finish-order.ts';
import type { HeldSlot } from './held-slot.ts';
import type { OrderReading } from './note-order.ts';
import type { OrderRun, OrderStepResult, Reader } from './order-run.ts';
import { resultOf, waitOrPark } from './order-run.ts';
import { publishChallenges } from './publish-challenges.ts';
import { readOrder, unlessGone } from './read-order.ts';

/** For so long an order that is not found may still be on its way to the server that was asked. Milliseconds. */
const YOUNG_MS = 5 * 60_000;

/** Reads the stored order at the CA and does what its status asks for, as far as this step may. */
export async function followOrder(
  run: OrderRun,
  slot: HeldSlot,
  session: AcmeSession,
  reader: Reader,
): Promise<OrderStepResult> {
  const url = slot.order?.url;
  if (url === undefined) return resultOf(run, 'reorder', slot);
  return followSeen(run, slot, session, await readOrder(run.ports, slot, session, url), reader);
}

/** Goes by an order that was just read. */
export async function followSeen(
  run: OrderRun,
  slot: HeldSlot,
  session: AcmeSession,
  reading: OrderReading,
  reader: Reader,
): Promise<OrderStepResult> {
  if (reading.kind === 'gone') return followGone(run, slot, session, reading.certain);
  if (reading.kind === 'waiting') return waitOrPark(run, slot, 'pending', reading.retryAt);
  const { order } = reading;
  switch (reading.status) {
    case 'pending':
      return followPending(run, slot, session, reader, order);
    case 'processing':
      return waitOrPark(run, slot, 'processing', lookBeforeEnd(order.retryAt, order.expires));
    case 'invalid':
      return failInvalid(run.ports, slot, session, order);
    case 'ready':
    case 'valid':
      return resultOf(run, reading.status, slot);
  }
}

async function followPending(
  run: OrderRun,
  slot: HeldSlot,
  session: AcmeSession,
  reader: Reader,
  seen: AcmeOrder,
): Promise<OrderStepResult> {
  const { order } = slot;
  if (order !== undefined) await giveUpInTime(run, slot, order);
  if (order !== undefined && mustReadAuthorizations(order, reader)) await publishOrGiveUp(run, slot, session, order);
  return waitOrPark(run, slot, 'pending', nextLook(seen, slot.order));
}

function mustReadAuthorizations(order: SlotOrder, reader: Reader): boolean {
  return reader === 'createOrder' || order.challenges === undefined || order.authorizationsOpen === true;
}

/** Retry-After, but no later than the order's end, or its authorizations', when there is something to see in any case. */
function nextLook({ retryAt }: AcmeOrder, order: SlotOrder | undefined): number | undefined {
  return retryAt === undefined || order === undefined ? retryAt : Math.min(retryAt, validationEndsAt(order));
}

/** A validation that has not ended shortly before its authorization or order does will not: a new order, by the ladder. */
async function giveUpInTime({ ports }: OrderRun, slot: HeldSlot, order: SlotOrder): Promise<void> {
  if (order.finalizeIntent !== undefined || ports.clock.now() < validationEndsAt(order)) return;
  await slot.save({ order: undefined });
  const { name } = order.ca;
  const message = `${name} has not ended the validation of ${order.domains.join(', ')} before its authorizations end; a new order is needed`;
  throw new StepFailure({ class: 'caSide', code: 'validationUnfinished', message, ca: name });
}

/** An order with an authorization that is lost can never be ready: it is forgotten, unless a finalize was sent for it. */
async function publishOrGiveUp(run: OrderRun, slot: HeldSlot, session: AcmeSession, order: SlotOrder): Promise<void> {
  try {
    await publishChallenges(run.ports, slot, session, order);
  } catch (error) {
    const failure = asStepFailure(error);
    const isLost = failure.detail.class === 'reorder';
    if (isLost && order.finalizeIntent === undefined) await slot.save({ order: undefined });
    throw failure;
  }
}

/**
 * The CA no longer knows the order: its certificate may still be had where its URL was stored. A young order may not have
 * reached all of the CA's servers yet. Else a new order, at once where the reason is plain, by the ladder where it is not.
 */
async function followGone(
  run: OrderRun,
  slot: HeldSlot,
  session: AcmeSession,
  certain: boolean,
): Promise<OrderStepResult> {
  const { order } = slot;
  if (order?.certificateUrl !== undefined) {
    const { certificateUrl } = order;
    const finished = await unlessGone(() => finishOrder(run, slot, session, order, certificateUrl));
    if (finished !== undefined) return finished;
  }
  const isYoung = order !== undefined && run.ports.clock.now() - order.createdAt < YOUNG_MS;
  if (isYoung && !certain) return waitOrPark(run, slot, 'pending');
  await slot.save({ order: undefined });
  if (certain) return resultOf(run, 'reorder', slot);
  const ca = order?.ca.name ?? 'the CA';
  throw new StepFailure({
    class: 'reorder',
    code: 'orderGone',
    message: `${ca} does not know the order ${order?.url ?? ''} any more; a new one is placed`,
    ca,
  });
}
