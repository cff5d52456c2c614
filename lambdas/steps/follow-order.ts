import type { AcmeSession } from '../acme/session.ts';
import { finishOrder } from './finish-order.ts';
import type { HeldSlot, OrderRun, OrderStepResult } from './order-run.ts';
import { resultOf, waitOrPark } from './order-run.ts';
import { publishChallenges } from './publish-challenges.ts';
import type { OrderReading } from './read-order.ts';
import { failInvalid, readOrder } from './read-order.ts';

/** The step that reads: CreateOrder publishes the challenges of a pending order, the others send it there or wait. */
export type Reader = 'createOrder' | 'pollOrder' | 'finalizeOrder';

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
  if (reading.kind === 'gone') return followGone(run, slot, session);
  if (reading.kind === 'waiting') return waitOrPark(run, slot, 'pending', reading.retryAt);
  const { order } = reading;
  switch (reading.status) {
    case 'pending':
      return followPending(run, slot, session, reader);
    case 'processing':
      return waitOrPark(run, slot, 'processing', order.retryAt);
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
): Promise<OrderStepResult> {
  const { order } = slot;
  if (order !== undefined && (reader === 'createOrder' || order.challenges === undefined))
    await publishChallenges(run.ports, slot, session, order);
  return waitOrPark(run, slot, 'pending');
}

/** The CA no longer knows the order: its certificate may still be had where its URL was stored, else a new order. */
async function followGone(run: OrderRun, slot: HeldSlot, session: AcmeSession): Promise<OrderStepResult> {
  const { order } = slot;
  if (order?.certificateUrl !== undefined) return finishOrder(run, slot, session, order, order.certificateUrl);
  await slot.save({ order: undefined });
  return resultOf(run, 'reorder', slot);
}
