import type { RoleRow, SlotOrder } from '../core/rows.ts';
import { certificateNameOf } from '../core/rows.ts';
import type { OrderStepStatus, RunInput, StepEvent, StepResult } from '../core/step-result.ts';
import { decideWait, lookAtHeld } from '../core/waiting.ts';
import { readCertificate, readRole } from '../store/certificates.ts';
import { parseRole } from '../store/parse.ts';
import { failsAsRead, giveRunBack } from '../store/run-end.ts';
import type { Held, SlotIdentity } from '../store/slots.ts';
import { readSlot } from '../store/slots.ts';
import { AttemptHistory } from './attempt-history.ts';
import { failureChanges } from './failure-changes.ts';
import type { HeldSlot } from './held-slot.ts';
import { holdSlot } from './held-slot.ts';
import { publishOutbox } from './outbox.ts';
import type { OrderPorts } from './ports.ts';
import { refuseNewer } from './refuse-newer.ts';

export type OrderStepResult = StepResult<OrderStepStatus>;

/** Spread of held roles' next tries, milliseconds. */
const HELD_JITTER_MS = 60_000;

/** An order older than this that still makes its run park is told. Milliseconds. */
const SLOW_MS = 3_600_000;

/** The step that reads: CreateOrder publishes the challenges of a pending order, the others send it there or wait. */
export type Reader = 'createOrder' | 'pollOrder' | 'finalizeOrder';

/** One invocation of one step of a Renewal run. */
export type OrderRun = {
  readonly ports: OrderPorts;
  readonly execution: string;
  readonly input: RunInput;
  readonly role: RoleRow;
  /** Another claim has come: only what cannot be abandoned is still done. */
  readonly superseded: boolean;
  readonly rounds: number;
  readonly startedAt: number;
  /** Carried from the step before: `''` where there is none. */
  readonly slot: string;
  readonly nonce: string;
  readonly history: AttemptHistory;
};

/** The role, as this run finds it: `gone` when the certificate was removed. */
export type OpenedRun =
  | { readonly kind: 'run'; readonly run: OrderRun }
  | { readonly kind: 'done'; readonly run: OrderRun }
  | { readonly kind: 'gone' };

/** Reads the role first: what it says decides whether this run may act at all. */
export async function openRun(event: StepEvent, ports: OrderPorts, step: Reader): Promise<OpenedRun> {
  const { input } = event;
  refuseNewer(input);
  const role = await readRole(ports.table, certificateNameOf(input));
  if (role === undefined) return { kind: 'gone' };
  const previous = input.step?.result;
  const run: OrderRun = {
    ports,
    execution: event.execution,
    input,
    role,
    superseded: role.startSeq !== input.startSeq,
    rounds: (previous?.rounds ?? 0) + 1,
    startedAt: previous?.startedAt ?? ports.clock.now(),
    slot: previous?.slot ?? '',
    nonce: previous?.nonce ?? '',
    history: new AttemptHistory(ports, { ...runOf(event), certificate: role.certificate, step }),
  };
  return { kind: role.doneSeq === input.startSeq ? 'done' : 'run', run };
}

function runOf({ execution, input }: StepEvent): { readonly execution: string; readonly startSeq: number } {
  return { execution, startSeq: input.startSeq };
}

/** Begins on the slot of an identity, or on the slot that the step before worked on. */
export async function beginRun(run: OrderRun, identity?: SlotIdentity): Promise<HeldSlot | Held | undefined> {
  const known = identity ?? (await identityOf(run));
  if (known === undefined) return undefined;
  return holdSlot(run.ports, run.execution, known, run.history);
}

async function identityOf(run: OrderRun): Promise<SlotIdentity | undefined> {
  if (run.slot === '') return undefined;
  return readSlot(run.ports.table, { pk: run.slot, sk: 'SLOT' });
}

/** The fixed shape of every answer. */
export function resultOf(run: OrderRun, status: OrderStepStatus, slot?: HeldSlot, waitSeconds = 0): OrderStepResult {
  const order = slot?.order;
  const nonce = order === undefined ? '' : run.ports.acme.takeNonce(order.ca.directoryUrl);
  const pk = slot?.lease.key.pk ?? run.slot;
  return { status, waitSeconds, rounds: run.rounds, slot: pk, nonce, startedAt: run.startedAt };
}

/** Answers that this run must wait, or parks it: saved, released, due at that instant, no failure, DNS records kept. */
export async function waitOrPark(
  run: OrderRun,
  slot: HeldSlot,
  status: 'pending' | 'processing',
  notBefore?: number,
): Promise<OrderStepResult> {
  const now = run.ports.clock.now();
  const decision = decideWait(run, now, notBefore);
  // A slow order that nobody has been told of yet parks its run at once, because parking tells.
  const mustTell = isSlow(slot.order, now) && run.role.failure === undefined && !run.superseded;
  if (decision.kind === 'wait' && !mustTell) return resultOf(run, status, slot, decision.seconds);
  await park(run, slot, decision.kind === 'wait' ? now + decision.seconds * 1000 : decision.until);
  await slot.release();
  return resultOf(run, 'parked', slot);
}

/** An order that has not moved for an hour is told, though nothing has failed: the next CA may have its turn. */
async function park(run: OrderRun, { order }: HeldSlot, until: number): Promise<void> {
  const { ports, role, input } = run;
  const own = { ...role, startSeq: input.startSeq };
  if (order === undefined || !isSlow(order, Math.max(ports.clock.now(), until))) {
    await giveRunBack(ports.table, own, until);
    return;
  }
  const detail = { class: 'caSide', code: 'orderSlow', message: slowMessage(order), ca: order.ca.name } as const;
  const certificate = await readCertificate(ports.table, role.certificate);
  const changes = failureChanges(ports, role, certificate, detail, until);
  // A doubled invocation may have told it since: twice told, one of the two would never be told as over.
  const written = await giveRunBack(ports.table, own, until, changes, failsAsRead(role));
  if (written === undefined) await giveRunBack(ports.table, own, until);
  else await publishOutbox(ports, parseRole(written));
}

function isSlow(order: SlotOrder | undefined, at: number): boolean {
  return order !== undefined && at - order.createdAt > SLOW_MS;
}

function slowMessage({ ca, createdAt, status, url }: SlotOrder): string {
  const since = new Date(createdAt).toISOString();
  return `${ca.name} has kept the order ${url ?? ''} ${status ?? 'unanswered'} since ${since}; it is looked at again and again`;
}

/** The slot is another's: the role is due again soon, at latest when that lease ends. No failure. */
export async function endHeld(run: OrderRun, heldUntil: number): Promise<OrderStepResult> {
  const { ports } = run;
  await giveRunBack(
    ports.table,
    { ...run.role, startSeq: run.input.startSeq },
    lookAtHeld(heldUntil, ports.clock.now()) + HELD_JITTER_MS * ports.random(),
  );
  return resultOf(run, 'held');
}
