import type { AcmeOrder } from '../acme/objects.ts';
import type { AcmeSession } from '../acme/session.ts';
import { intentClosesAt } from '../core/intent.ts';
import { recoveredMessage } from '../core/messages.ts';
import type { SlotOrder, SlotRow } from '../core/rows.ts';
import type { StepEvent } from '../core/step-result.ts';
import { clampRetryAt, lookAtHeld } from '../core/waiting.ts';
import { giveRunBack } from '../store/run-end.ts';
import { readSlot, settleAt, settleSlot } from '../store/slots.ts';
import { AttemptHistory } from './attempt-history.ts';
import { withSession } from './ca-session.ts';
import { cleanDns } from './clean-dns.ts';
import { collect } from './collect.ts';
import { handToOwner } from './commit.ts';
import { TOLD_AT } from './failure-changes.ts';
import { withStepFailures } from './failures.ts';
import type { HeldSlot } from './held-slot.ts';
import { holdSlot } from './held-slot.ts';
import { dueUntilTold, publishAndWait, withMessages } from './outbox.ts';
import type { OrderPorts } from './ports.ts';
import { readOrder, unlessGone } from './read-order.ts';
import { refuseNewer } from './refuse-newer.ts';
import { returnLimits } from './reserve-limits.ts';

/** A processing order without Retry-After is looked at again then. Milliseconds. */
const PROCESSING_MS = 10 * 60_000;

export type SettleResult = { readonly status: 'done' | 'held' | 'superseded' };

/** Settle: looks after what a run left behind in a slot; the certificate, where the order has led to one, is not lost. */
export function settle(event: StepEvent, ports: OrderPorts): Promise<SettleResult> {
  return withStepFailures(async () => {
    refuseNewer(event.input);
    const { startSeq, pk, sk } = event.input;
    const row = await readSlot(ports.table, { pk, sk });
    if (row === undefined || row.startSeq !== startSeq || row.doneSeq === startSeq) return { status: 'superseded' };
    const slot = await holdSlot(ports, event.execution, row, historyOf(event, ports, row));
    if ('heldUntil' in slot) return endHeld(ports, row, slot.heldUntil);
    const dueAt = await settleOrder(ports, slot).finally(() => slot.history.write('running'));
    await endSettled(ports, slot, row, dueAt);
    return { status: 'done' };
  });
}

/** Of the attempt whose order is left; that of nobody where there is none. */
function historyOf({ execution }: StepEvent, ports: OrderPorts, { order, startSeq }: SlotRow): AttemptHistory {
  return new AttemptHistory(ports, { certificate: order?.certificate ?? '', startSeq, execution, step: 'settle' });
}

/** Success; a clean-up that had been told as failing is told as recovered. */
async function endSettled(ports: OrderPorts, slot: HeldSlot, row: SlotRow, lookAt: number | undefined): Promise<void> {
  const now = ports.clock.now();
  const { failure, identifiers } = row;
  const isTold = failure !== undefined && failure.count >= TOLD_AT;
  const news = isTold ? [recoveredMessage(identifiers.join(', '), 'clean-up', failure, now)] : [];
  const outbox = withMessages(row.outbox, news);
  const then = lookAt ?? settleAt(slot.lease.slot, now);
  const dueAt = dueUntilTold(outbox, then, now);
  if (await settleSlot(ports.table, slot.lease, row, { dueAt, outbox }))
    await publishAndWait(ports, { ...row, outbox, dueAt }, then);
}

async function endHeld(ports: OrderPorts, row: SlotRow, heldUntil: number): Promise<SettleResult> {
  await giveRunBack(ports.table, row, lookAtHeld(heldUntil, ports.clock.now()));
  return { status: 'held' };
}

/** When to look again, where the order itself says so. */
async function settleOrder(ports: OrderPorts, slot: HeldSlot): Promise<number | undefined> {
  const { order } = slot;
  if (order === undefined) return endDns(ports, slot);
  if (order.url === undefined) return settleUnanswered(ports, slot, order);
  const url = order.url;
  return withSession(ports, order.ca, '', (session) => settleRead(ports, slot, session, url));
}

async function settleRead(
  ports: OrderPorts,
  slot: HeldSlot,
  session: AcmeSession,
  url: string,
): Promise<number | undefined> {
  const reading = await readOrder(ports, slot, session, url);
  const { order } = slot;
  if (order === undefined) return undefined;
  const isValid = reading.kind === 'read' && reading.status === 'valid';
  const { certificateUrl } = order;
  if (certificateUrl !== undefined && (isValid || reading.kind === 'gone')) {
    const version = await unlessGone(() => collect(ports, slot, session, order, certificateUrl));
    if (version !== undefined) await handToOwner(ports, version);
    return clear(ports, slot);
  }
  if (reading.kind === 'gone' || (reading.kind === 'read' && reading.status === 'invalid')) return clear(ports, slot);
  if (reading.kind === 'read' && reading.status === 'processing') return nextLookAt(reading.order, ports.clock.now());
  return endDns(ports, slot);
}

/** Retry-After within reason, and no later than the order's end. */
function nextLookAt({ retryAt, expires }: AcmeOrder, now: number): number {
  const asked = retryAt === undefined ? now + PROCESSING_MS : clampRetryAt(retryAt, now);
  return Math.max(now + PROCESSING_MS, Math.min(asked, expires ?? asked));
}

/** newOrder was sent and never answered: the order, if there is one, has no URL and can never be finalized. */
async function settleUnanswered(
  ports: OrderPorts,
  slot: HeldSlot,
  { newOrderIntent }: SlotOrder,
): Promise<number | undefined> {
  const closesAt = newOrderIntent === undefined ? 0 : intentClosesAt(newOrderIntent);
  return ports.clock.now() < closesAt ? closesAt : clear(ports, slot);
}

async function clear(ports: OrderPorts, slot: HeldSlot): Promise<undefined> {
  await slot.save({ order: undefined });
  return endDns(ports, slot);
}

async function endDns(ports: OrderPorts, slot: HeldSlot): Promise<undefined> {
  await returnLimits(ports, slot);
  const failure = await cleanDns(ports, slot);
  if (failure !== undefined) throw failure;
  return undefined;
}
