import { AcmeError } from '../acme/error.ts';
import type { AcmeOrder } from '../acme/objects.ts';
import type { AcmeSession } from '../acme/session.ts';
import { isAriRenewal } from '../core/ari.ts';
import type { CaSettings } from '../core/declaration.ts';
import { StepFailure } from '../core/failure.ts';
import { intentClosesAt, MAX_SENDS, nextIntent, sendsOf } from '../core/intent.ts';
import { isEmergency } from '../core/ladder.ts';
import type { Log } from '../core/log.ts';
import { classOf } from '../core/problem.ts';
import type { CertificateRow, SlotOrder } from '../core/rows.ts';
import { awaitRoom } from './await-room.ts';
import { cleanDns } from './clean-dns.ts';
import { repeatable } from './failures.ts';
import { followSeen } from './follow-order.ts';
import type { HeldSlot } from './held-slot.ts';
import { learning } from './learn-limit.ts';
import { noteOrder } from './note-order.ts';
import type { OrderPermit } from './order-permit.ts';
import { permitOrder } from './order-permit.ts';
import { mayLeaveOutProfile, withListedProfile, withoutProfile } from './order-profile.ts';
import type { OrderRun, OrderStepResult } from './order-run.ts';
import { resultOf, waitOrPark } from './order-run.ts';
import { mustBeFollowed } from './order-step.ts';
import { mayRefuseReplaces, noteRefusal, replacementFor, replacing, withoutReplaces } from './replacement.ts';
import { holdsFor, reserveLimits, returnLimits } from './reserve-limits.ts';
import { ownerFields } from './take-over-order.ts';

const DAY_MS = 24 * 3_600_000;

/** New orders for one set of names in 24 hours, and in an emergency. */
const ORDERS_A_DAY = 6;
const ORDERS_A_DAY_EMERGENCY = 24;

/** Whether a new order is to be sent now: none can be followed, and none may still be on its way. */
export function needsOrder({ ports }: OrderRun, slot: HeldSlot): boolean {
  const { order } = slot;
  if (order === undefined) return true;
  const closesAt = order.newOrderIntent === undefined ? 0 : intentClosesAt(order.newOrderIntent);
  return order.url === undefined && !mustBeFollowed(slot) && ports.clock.now() >= closesAt;
}

/**
 * newOrder: key and CSR stored first, with what is to be reserved of the CA's limits and the intent; then the reservations, then
 * the request, then its URL at once.
 */
export async function placeOrder(
  run: OrderRun,
  slot: HeldSlot,
  session: AcmeSession,
  certificate: CertificateRow,
  ca: CaSettings,
  permit: OrderPermit,
): Promise<OrderStepResult> {
  const { ports } = run;
  const now = ports.clock.now();
  const earlier = slot.order?.newOrderIntent;
  if (earlier !== undefined && now < intentClosesAt(earlier))
    return waitOrPark(run, slot, 'pending', intentClosesAt(earlier));
  refuseSpentBudget(run, slot, sendsOf(earlier, run.input.startSeq), ca);
  const replacement = await replacementFor(run, session, certificate.declaration, ca, slot.order?.replacesRefused);
  if (permit.unlessExempt !== undefined && !isAriRenewal(replacement, now))
    return awaitRoom(run, slot, certificate, ca, permit.unlessExempt);
  if (slot.order === undefined) await cleanDns(ports, slot);
  const intent = nextIntent(earlier, { startSeq: run.input.startSeq, now, deadline: ports.deadline });
  const draft = await draftOrder(run, slot, certificate, ca);
  const wanted = await withListedProfile(ports.log, session, replacing(draft, replacement));
  const order = { ...wanted, newOrderIntent: intent, accountUrl: session.accountUrl() };
  const { order: earlierOrder } = slot;
  const earlierTimes = recentOrders(slot, now);
  const limits = holdsFor(slot, permit, ports.newId());
  await slot.save({ order, orderTimes: [...earlierTimes, now], limits: limits.length === 0 ? undefined : limits });
  if (!(await reserveLimits(ports, slot, permit))) {
    await slot.save({ order: earlierOrder, orderTimes: earlierTimes });
    return awaitLost(run, slot, certificate, ca);
  }
  const seen = await learning(ports, ca, order.domains, () => sendNewOrder(run, slot, session, order));
  await refuseOtherNames(slot, seen, order);
  return followSeen(run, slot, session, await noteOrder(ports, slot, seen, 'newOrder'), 'createOrder');
}

/** Others have taken the room since it was looked for; nothing was sent. */
async function awaitLost(
  run: OrderRun,
  slot: HeldSlot,
  certificate: CertificateRow,
  ca: CaSettings,
): Promise<OrderStepResult> {
  await returnLimits(run.ports, slot);
  const permit = await permitOrder(run, slot, certificate, ca);
  if ('at' in permit) return awaitRoom(run, slot, certificate, ca, permit);
  // There is room again: the order is made by the next look.
  return resultOf(run, 'reorder', slot);
}

async function draftOrder(
  run: OrderRun,
  slot: HeldSlot,
  certificate: CertificateRow,
  ca: CaSettings,
): Promise<SlotOrder> {
  if (slot.order !== undefined) return slot.order;
  return { ...(await ownerFields(run, certificate, ca)), replacedKeys: [], createdAt: run.ports.clock.now() };
}

async function sendNewOrder(run: OrderRun, slot: HeldSlot, session: AcmeSession, order: SlotOrder): Promise<AcmeOrder> {
  try {
    const { domains, newOrderIntent, replaces, profileLeftOut } = order;
    return await session.newOrder(domains, newOrderIntent?.sendBefore ?? 0, replaces, profileLeftOut);
  } catch (error) {
    if (!(error instanceof AcmeError)) throw error;
    const mended = mendedOrder(run.ports.log, order, error);
    if (classOf(error.answer) === 'reconcile') {
      if (mended !== undefined) await slot.save({ order: mended });
      throw unanswered(error);
    }
    if (mended !== undefined) return sendAgain(run, slot, session, mended);
    // A parsed refusal created no order: the next send need not wait for this one.
    await slot.save({ order: undefined });
    throw error;
  }
}

/** The order without what the CA may have refused of it; undefined where there is nothing to leave out. */
function mendedOrder(log: Log, order: SlotOrder, error: AcmeError): SlotOrder | undefined {
  if (mayLeaveOutProfile(order, error.answer)) return withoutProfile(log, order, error);
  if (order.replaces === undefined || !mayRefuseReplaces(error.answer)) return undefined;
  noteRefusal(log, order, error);
  return withoutReplaces(order);
}

/** The CA would not have something of it: no order came of that request, so it is sent once more without, in the first one's place. */
async function sendAgain(run: OrderRun, slot: HeldSlot, session: AcmeSession, mended: SlotOrder): Promise<AcmeOrder> {
  const { ports, input } = run;
  const sender = { startSeq: input.startSeq, now: ports.clock.now(), deadline: ports.deadline };
  const order = { ...mended, newOrderIntent: nextIntent(mended.newOrderIntent, sender) };
  await slot.save({ order });
  return sendNewOrder(run, slot, session, order);
}

/** Whether an order exists is not known; the next send waits until this request cannot be on its way any more. */
function unanswered(cause: AcmeError): StepFailure {
  return new StepFailure({ ...repeatable(cause).detail, code: 'newOrderUnanswered' }, { cause });
}

function refuseSpentBudget(run: OrderRun, slot: HeldSlot, sends: number, ca: CaSettings): void {
  const now = run.ports.clock.now();
  if (sends >= MAX_SENDS) {
    const message = `${ca.name} gave no answer to ${sends} newOrder requests for one order`;
    throw new StepFailure({ class: 'caSide', code: 'newOrderUnanswered', message, ca: ca.name });
  }
  const recent = recentOrders(slot, now);
  const limit = isEmergency(run.role, now) ? ORDERS_A_DAY_EMERGENCY : ORDERS_A_DAY;
  const oldest = recent[recent.length - limit];
  if (oldest === undefined) return;
  const message = `${recent.length} orders for these names were sent to ${ca.name} within 24 hours; the next one may be sent when the first is a day old`;
  const failureClass = isTheirs(run, ca) ? 'caSide' : 'later';
  throw new StepFailure({ class: failureClass, code: 'ordersADay', message, retryAt: oldest + DAY_MS, ca: ca.name });
}

/** A CA that answers nothing uses the budget up: that must not keep the next CA from its turn for a day. */
function isTheirs({ role }: OrderRun, ca: CaSettings): boolean {
  const last = role.caFailures?.[ca.name]?.class;
  return last === 'caSide' || last === 'transient';
}

function recentOrders(slot: HeldSlot, now: number): readonly number[] {
  return (slot.lease.slot.orderTimes ?? []).filter((at) => at > now - DAY_MS);
}

/** An order for other names than those asked for is dropped (RFC 8555 section 7.4): nothing was done for it yet. */
async function refuseOtherNames(slot: HeldSlot, seen: AcmeOrder, order: SlotOrder): Promise<void> {
  const found = [...seen.identifiers].sort().join(', ');
  const wanted = [...order.domains].sort().join(', ');
  if (found === wanted) return;
  await slot.save({ order: undefined });
  const message = `${order.ca.name} returned an order for "${found}" instead of "${wanted}"`;
  throw new StepFailure({ class: 'caSide', code: 'otherNames', message, ca: order.ca.name });
}
