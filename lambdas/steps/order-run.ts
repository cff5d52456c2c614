import type { RoleRow, SlotOrder } from '../core/rows.ts';
import { certificateNameOf } from '../core/rows.ts';
import type { OrderStepStatus, RunInput, StepEvent, StepResult } from '../core/step-result.ts';
import { decideWait } from '../core/waiting.ts';
import { readCertificate, readRole } from '../store/certificates.ts';
import { parseRole } from '../store/parse.ts';
import { giveRunBack } from '../store/run-end.ts';
import type { Held, SlotIdentity } from '../store/slots.ts';
import { readSlot } from '../store/slots.ts';
import { failureChanges } from './failure-changes.ts';
import type { HeldSlot } from './held-slot.ts';
import { holdSlot } from './held-slot.ts';
import { publishOutbox } from './outbox.ts';
import type { OrderPorts } from './ports.ts';

export type OrderStepResult = StepResult<OrderStepStatus>;

/** Spread of held roles' next tries, milliseconds. */
const HELD_JITTER_MS = 60_000;

/** An order older than this that still makes its run park is told. Milliseconds. */
const SLOW_MS = 3_600_000;

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
};

/** The role, as this run finds it: `gone` when the certificate was removed. */
export type OpenedRun =
  | { readonly kind: 'run'; readonly run: OrderRun }
  | { readonly kind: 'done'; readonly run: OrderRun }
  | { readonly kind: 'gone' };

/** Reads the role first: what it says decides whether this run may act at all. */
export async function openRun(event: StepEvent, ports: OrderPorts): Promise<OpenedRun> {
  const { input } = event;
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
  };
  return { kind: role.doneSeq === input.startSeq ? 'done' : 'run', run };
}

/** Begins on the slot of an identity, or on the slot that the step before worked on. */
export async function beginRun(run: OrderRun, identity?: SlotIdentity): Promise<HeldSlot | Held | undefined> {
  const known = identity ?? (await identityOf(run));
  if (known === undefined) return undefined;
  return holdSlot(run.ports, run.execution, known);
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
  const decision = decideWait(run, run.ports.clock.now(), notBefore);
  if (decision.kind === 'wait') return resultOf(run, status, slot, decision.seconds);
  await park(run, slot, decision.until);
  await slot.release();
  return resultOf(run, 'parked', slot);
}

/** An order that has not moved for an hour is told, though nothing has failed: the next CA may have its turn. */
async function park(run: OrderRun, { order }: HeldSlot, until: number): Promise<void> {
  const { ports, role, input } = run;
  const own = { ...role, startSeq: input.startSeq };
  const isSlow = order !== undefined && ports.clock.now() - order.createdAt > SLOW_MS;
  if (!isSlow) {
    await giveRunBack(ports.table, own, until);
    return;
  }
  const detail = { class: 'caSide', code: 'orderSlow', message: slowMessage(order), ca: order.ca.name } as const;
  const certificate = await readCertificate(ports.table, role.certificate);
  const written = await giveRunBack(ports.table, own, until, failureChanges(ports, role, certificate, detail, until));
  if (written !== undefined) await publishOutbox(ports, parseRole(written));
}

function slowMessage({ ca, createdAt, status, url }: SlotOrder): string {
  const since = new Date(createdAt).toISOString();
  return `${ca.name} has kept the order ${url ?? ''} ${status ?? 'unanswered'} since ${since}; it is looked at again and again`;
}

/** The slot is another's: the role is due again when that lease ends. No failure. */
export async function endHeld(run: OrderRun, heldUntil: number): Promise<OrderStepResult> {
  const { ports } = run;
  await giveRunBack(
    ports.table,
    { ...run.role, startSeq: run.input.startSeq },
    heldUntil + HELD_JITTER_MS * ports.random(),
  );
  return resultOf(run, 'held');
}
