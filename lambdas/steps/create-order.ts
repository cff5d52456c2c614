import type { AcmeSession } from '../acme/session.ts';
import { chooseCa } from '../core/choose-ca.ts';
import type { CaSettings } from '../core/declaration.ts';
import { recoveredMessage } from '../core/messages.ts';
import { renewalReason, versionFits } from '../core/renewal.ts';
import type { CertificateRow } from '../core/rows.ts';
import type { StepEvent } from '../core/step-result.ts';
import { listVersions, readCertificate } from '../store/certificates.ts';
import { declareRole } from '../store/inventory.ts';
import { parseRole } from '../store/parse.ts';
import { succeedRun } from '../store/run-end.ts';
import { awaitRoom } from './await-room.ts';
import { withSession } from './ca-session.ts';
import { followPromotion, promote, startPushes } from './commit.ts';
import { forgetOrder, isCollected } from './finish-order.ts';
import { followOrder } from './follow-order.ts';
import type { HeldSlot } from './held-slot.ts';
import type { OrderPermit } from './order-permit.ts';
import { permitOrder } from './order-permit.ts';
import type { OrderRun, OrderStepResult } from './order-run.ts';
import { beginRun, endHeld, resultOf } from './order-run.ts';
import { abandon, mustBeFollowed, onSlot, orderStep } from './order-step.ts';
import { dueUntilTold, publishOutbox, withMessages } from './outbox.ts';
import { needsOrder, placeOrder } from './place-order.ts';
import type { OrderPorts } from './ports.ts';
import { returnLimits } from './reserve-limits.ts';
import { takeOverOrder } from './take-over-order.ts';

/**
 * CreateOrder: is a certificate still needed? A stored version that fits is promoted; else the stored order is resumed, or
 * one is created. Publishes the DNS records of the order.
 */
export function createOrder(event: StepEvent, ports: OrderPorts): Promise<OrderStepResult> {
  return orderStep(event, ports, 'createOrder', async (run) => {
    if (run.superseded) return onSlot(event, ports, 'createOrder', (again, slot) => resume(again, slot));
    const certificate = await readCertificate(ports.table, run.role.certificate);
    if (certificate === undefined || certificate.retired) return endRetired(run);
    if (certificate.hash !== run.role.hash) return followDeclaration(run, certificate);
    if (renewalReason(run.role, certificate.hash, ports.clock.now()) === undefined) return endUnneeded(run);
    return (await promoteStored(run, certificate)) ?? orderFrom(run, certificate);
  });
}

/** Nothing to do: due again at the renewal instant. */
async function endUnneeded(run: OrderRun): Promise<OrderStepResult> {
  const { ports, role, input } = run;
  const { certificate, failure, renewAt } = role;
  const now = ports.clock.now();
  const news = failure === undefined ? [] : [recoveredMessage(certificate, 'renewal', failure, now)];
  const outbox = withMessages(role.outbox, news);
  const dueAt = dueUntilTold(outbox, renewAt, now);
  const written = await succeedRun(ports.table, role, input.startSeq, { dueAt, outbox });
  if (written !== undefined) await followPromotion(ports, parseRole(written));
  return resultOf(run, 'done');
}

/** A deployment ended between the declaration and its role: the role is made due for what is declared now. */
async function followDeclaration(run: OrderRun, { hash, declaration }: CertificateRow): Promise<OrderStepResult> {
  const { ports, role } = run;
  const declared = { name: role.certificate, hash, retry: declaration.retry };
  await declareRole(ports.table, declared, ports.clock.now());
  return resultOf(run, 'superseded');
}

/** A retired certificate is not renewed any more. */
async function endRetired(run: OrderRun): Promise<OrderStepResult> {
  const { ports, role, input } = run;
  await succeedRun(ports.table, role, input.startSeq, { dueAt: undefined });
  await publishOutbox(ports, role);
  return resultOf(run, 'done');
}

async function promoteStored(run: OrderRun, certificate: CertificateRow): Promise<OrderStepResult | undefined> {
  const { ports, role } = run;
  const { renewal } = certificate.declaration;
  const versions = await listVersions(ports.table, role.certificate);
  const fitting = versions
    .filter((version) => versionFits(version, role, certificate.hash, renewal, ports.clock.now()))
    .sort((a, b) => b.notAfter - a.notAfter)[0];
  if (fitting === undefined) return undefined;
  const promoted = await promote(run, fitting);
  if (promoted === undefined) return resultOf(run, 'superseded');
  await followPromotion(ports, promoted);
  await startPushes(ports, promoted.certificate);
  return resultOf(run, 'done');
}

/** What nothing is ordered by. */
const NO_ORDER: OrderPermit = { limits: [], anyway: false };

async function orderFrom(run: OrderRun, certificate: CertificateRow): Promise<OrderStepResult> {
  const { declaration } = certificate;
  const ca = chooseCa(declaration, run.role, run.ports.clock.now());
  const slot = await beginRun(run, { directoryUrl: ca.directoryUrl, identifiers: declaration.domains });
  if (slot === undefined) return resultOf(run, 'superseded');
  if ('heldUntil' in slot) return endHeld(run, slot.heldUntil);
  // Whoever held the slot until now may have collected what would be ordered once more.
  const stored = slot.order === undefined ? await promoteStored(run, certificate) : undefined;
  if (stored !== undefined) return giveBack(slot, stored);
  if (slot.order !== undefined && (await isCollected(run, slot.order))) await forgetOrder(run, slot);
  await takeOverOrder(run, slot, certificate, ca);
  await returnLimits(run.ports, slot);
  const permit = needsOrder(run, slot) ? await permitOrder(run, slot, certificate, ca) : NO_ORDER;
  if ('at' in permit) return awaitRoom(run, slot, certificate, ca, permit);
  // An order that must be followed is read in the name of the account that placed it.
  const account = slot.order?.ca ?? ca;
  return withSession(run.ports, account, run.nonce, (session) => orderIn(run, slot, session, certificate, ca, permit));
}

async function giveBack(slot: HeldSlot, result: OrderStepResult): Promise<OrderStepResult> {
  await slot.release();
  return result;
}

/** Decides what to do about the order that is in the slot. */
async function orderIn(
  run: OrderRun,
  slot: HeldSlot,
  session: AcmeSession,
  certificate: CertificateRow,
  ca: CaSettings,
  permit: OrderPermit,
): Promise<OrderStepResult> {
  const { order } = slot;
  if (order === undefined || (order.url === undefined && !mustBeFollowed(slot)))
    return placeOrder(run, slot, session, certificate, ca, permit);
  return followOrder(run, slot, session, 'createOrder');
}

/** A superseded run whose order has a finalize intent. */
async function resume(run: OrderRun, slot: HeldSlot): Promise<OrderStepResult> {
  const { order } = slot;
  if (order === undefined) return abandon(run, slot);
  return withSession(run.ports, order.ca, run.nonce, (session) => followOrder(run, slot, session, 'createOrder'));
}
