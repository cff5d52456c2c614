import type { AcmeSession } from '../acme/session.ts';
import type { SlotOrder } from '../core/rows.ts';
import { readRole, readVersion } from '../store/certificates.ts';
import { cleanDns } from './clean-dns.ts';
import { collect } from './collect.ts';
import { followPromotion, handToOwner, promote, startPushes } from './commit.ts';
import type { HeldSlot } from './held-slot.ts';
import type { OrderRun, OrderStepResult } from './order-run.ts';
import { resultOf } from './order-run.ts';

/**
 * The end of a valid order. Version, role, targets, outbox, DNS, slot, lease: in this order, each step repeatable, so that
 * whoever comes after a crash between two of them carries on.
 */
export async function finishOrder(
  run: OrderRun,
  slot: HeldSlot,
  session: AcmeSession,
  order: SlotOrder,
  certificateUrl: string,
): Promise<OrderStepResult> {
  const { ports } = run;
  const version = await collect(ports, slot, session, order, certificateUrl);
  // Whoever it was ordered for may have been renamed meanwhile.
  const own = version.certificate === run.role.certificate && !run.superseded;
  const promoted = own ? await promote(run, version) : undefined;
  if (promoted !== undefined) await followPromotion(ports, promoted);
  else if (!own) await handToOwner(ports, version);
  await clearSlot(run, slot);
  if (promoted !== undefined) await startPushes(ports, promoted.certificate);
  return resultOf(run, promoted === undefined ? await statusWithout(run) : 'done', slot);
}

/** The order was another certificate's, or of an older declaration: ours comes next, if the role is still this run's. */
async function statusWithout({ ports, role, input }: OrderRun): Promise<'reorder' | 'superseded'> {
  const now = await readRole(ports.table, role.certificate);
  return now?.startSeq === input.startSeq ? 'reorder' : 'superseded';
}

/**
 * Removes our DNS values, forgets the order and gives the slot free; fence, order times and what is left of DNS stay. The last
 * two are one write: a slot without an order is not due, so nobody would take a dead owner out of it.
 */
async function clearSlot(run: OrderRun, slot: HeldSlot): Promise<void> {
  await cleanDns(run.ports, slot);
  await slot.release(ORDER_FORGOTTEN);
}

const ORDER_FORGOTTEN = { order: undefined, limits: undefined };

/** As {@link clearSlot}, and keeps the slot: the next order follows. */
export async function forgetOrder(run: OrderRun, slot: HeldSlot): Promise<void> {
  await cleanDns(run.ports, slot);
  if (slot.order !== undefined) await slot.save(ORDER_FORGOTTEN);
}

/** The role already says that this run succeeded: what its end left undone is made up for. */
export async function finishAgain(run: OrderRun, slot: HeldSlot | undefined): Promise<OrderStepResult> {
  await followPromotion(run.ports, run.role);
  if (slot?.order !== undefined && (await isCollected(run, slot.order))) await clearSlot(run, slot);
  else await slot?.release();
  await startPushes(run.ports, run.role.certificate);
  return resultOf(run, 'done', slot);
}

/** Whether this is the order that led to the version the role has now. */
export async function isCollected({ ports, role }: OrderRun, order: SlotOrder): Promise<boolean> {
  if (role.version === undefined || order.certificateUrl === undefined) return false;
  const version = await readVersion(ports.table, role.certificate, role.version);
  return version?.certificateUrl === order.certificateUrl;
}
