import { StepFailure } from '../core/failure.ts';
import type { Outbox, RowKey, SlotRow } from '../core/rows.ts';
import { dueShardOf, ROW_SCHEMA, slotKey } from '../core/rows.ts';
import { CLOCK_SKEW_MS, TIMEOUTS } from '../core/timeouts.ts';
import type { Condition } from './condition.ts';
import { absent, all, equals } from './condition.ts';
import { parseSlot } from './parse.ts';
import { failsAsRead, ownRun } from './run-end.ts';
import type { Item, Table } from './table.ts';
import { getItem, updateItem } from './table.ts';

/** How a CA sees the work: one directory, one set of names. */
export type SlotIdentity = { readonly directoryUrl: string; readonly identifiers: readonly string[] };

/** The right to write to a slot until another `begin`: every write carries the fence. */
export type Lease = {
  readonly key: RowKey;
  readonly owner: string;
  readonly fence: number;
  /** The fence just before this one: whose reads count as fresh. */
  readonly previousFence: number;
  /** The slot as the latest write left it. */
  readonly slot: SlotRow;
};

/** The slot is another's until then. */
export type Held = { readonly heldUntil: number };

/** What `begin` needs to know. */
export type BeginTerms = {
  /** ARN of the execution. */
  readonly owner: string;
  /** Unique to this invocation: tells it from a doubled one of the same execution. */
  readonly token: string;
  readonly now: number;
  readonly isRunning: (owner: string) => Promise<boolean>;
};

const LEASE_MS = TIMEOUTS.lease * 1000;
/** Lost races for a fence before the slot counts as held. */
const BEGIN_TRIES = 5;
/** When to come back after lost races. */
const RACE_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Reads a slot as it is, without taking it. */
export async function readSlot(table: Table, key: RowKey): Promise<SlotRow | undefined> {
  const item = await getItem(table, key);
  return item === undefined ? undefined : parseSlot(item);
}

/**
 * Takes the slot with a fresh fence if it has no owner, or is mine, or its lease is over, or its owner's execution does not
 * run. What to do next is decided from what this write returns, never from the read before it.
 */
export async function beginSlot(table: Table, identity: SlotIdentity, terms: BeginTerms): Promise<Lease | Held> {
  const key = slotKey(identity.directoryUrl, identity.identifiers);
  for (let attempt = 0; attempt < BEGIN_TRIES; attempt += 1) {
    const read = await readSlot(table, key);
    if (read !== undefined && !(await isFree(read, terms))) return { heldUntil: read.leaseUntil ?? terms.now };
    const lease = await takeFence(table, key, identity, read, terms);
    if (lease !== undefined) return lease;
  }
  return { heldUntil: terms.now + RACE_MS };
}

async function isFree(slot: SlotRow, { owner, now, isRunning }: BeginTerms): Promise<boolean> {
  if (slot.owner === undefined || slot.owner === owner) return true;
  const leaseIsOver = (slot.leaseUntil ?? 0) + CLOCK_SKEW_MS < now;
  return leaseIsOver || !(await isRunning(slot.owner));
}

async function takeFence(
  table: Table,
  key: RowKey,
  identity: SlotIdentity,
  read: SlotRow | undefined,
  { owner, token, now }: BeginTerms,
): Promise<Lease | undefined> {
  const fence = Math.max(now, (read?.fence ?? 0) + 1);
  const fenceAsRead = read === undefined ? absent('fence') : equals('fence', read.fence);
  const changes = {
    owner,
    token,
    leaseUntil: now + LEASE_MS,
    fence,
    ...(read === undefined ? newSlot(key, identity) : {}),
  };
  const written =
    (await updateItem(table, key, changes, fenceAsRead)) ?? (await writtenBefore(table, key, fence, token));
  if (written === undefined) return undefined;
  return { key, owner, fence, previousFence: read?.fence ?? 0, slot: parseSlot(written) };
}

/** A refused write may be our own, repeated by the SDK after its answer was lost: fence and token tell. */
async function writtenBefore(table: Table, key: RowKey, fence: number, token: string): Promise<Item | undefined> {
  const item = await getItem(table, key);
  return item?.fence === fence && item.token === token ? item : undefined;
}

function newSlot(key: RowKey, identity: SlotIdentity): Omit<SlotRow, 'pk' | 'sk' | 'fence'> {
  return {
    schema: ROW_SCHEMA,
    kind: 'settle',
    dueShard: dueShardOf(key),
    startSeq: 0,
    tries: 0,
    directoryUrl: identity.directoryUrl,
    identifiers: [...identity.identifiers].sort(),
  };
}

/** What a holder may change. */
export type SlotChanges = Partial<{
  [Field in 'order' | 'dns' | 'orderTimes' | 'limits' | 'secondaryFailedAt']: SlotRow[Field] | undefined;
}>;

/**
 * Writes to a slot under its fence, and sets when what is left in it is due to be settled. Throws a transient StepFailure
 * when the slot has been taken since: the caller must not act any more.
 */
export async function saveSlot(table: Table, lease: Lease, changes: SlotChanges, now: number): Promise<Lease> {
  const dueAt = settleAt({ ...lease.slot, ...changes }, now);
  const written = await updateItem(table, lease.key, { ...changes, dueAt }, isMine(lease));
  if (written === undefined) throw slotLost(lease);
  return { ...lease, slot: parseSlot(written) };
}

/**
 * Gives the slot free, with last changes in the same write; the fence stays for ever. A slot lost before is none of ours to
 * release.
 */
export async function releaseSlot(table: Table, lease: Lease, now: number, last: SlotChanges = {}): Promise<Lease> {
  const dueAt = settleAt({ ...lease.slot, ...last }, now);
  const changes = { ...last, owner: undefined, leaseUntil: undefined, dueAt };
  const written = await updateItem(table, lease.key, changes, isMine(lease));
  return written === undefined ? lease : { ...lease, slot: parseSlot(written) };
}

/**
 * Ends a settle run in success and releases: `dueAt` follows from what is left. Whether it did: not where a failure was
 * recorded since `row` was read.
 */
export async function settleSlot(
  table: Table,
  lease: Lease,
  { startSeq, ...row }: Pick<SlotRow, 'startSeq' | 'failure'>,
  changes: Readonly<{ dueAt: number | undefined; outbox: Outbox }>,
): Promise<boolean> {
  const end = {
    doneSeq: startSeq,
    tries: 0,
    runUntil: undefined,
    failure: undefined,
    owner: undefined,
    leaseUntil: undefined,
    ...changes,
  };
  const condition = all(isMine(lease), ownRun(startSeq), failsAsRead(row));
  return (await updateItem(table, lease.key, end, condition)) !== undefined;
}

/**
 * When what is left in a slot must be looked at by a settle run: an order at its expiry or a day after the last write, the
 * earlier; DNS values without an order as soon as no late publisher can write them any more, reservations without one at once. Undefined when nothing is left.
 */
export function settleAt(slot: Pick<SlotChanges, 'order' | 'dns' | 'limits'>, now: number): number | undefined {
  if (slot.order !== undefined) return orderSettleAt(slot.order.expires, now);
  const entries = Object.values(slot.dns ?? {});
  if (entries.length === 0 && (slot.limits ?? []).length === 0) return undefined;
  return Math.max(now + MINUTE_MS, ...entries.map(({ lateUntil }) => (lateUntil ?? 0) + CLOCK_SKEW_MS));
}

/** An order that outlives its expiry is looked at hourly. */
function orderSettleAt(expires: number | undefined, now: number): number {
  if (expires === undefined) return now + DAY_MS;
  return expires > now ? Math.max(now + MINUTE_MS, Math.min(expires, now + DAY_MS)) : now + HOUR_MS;
}

function isMine(lease: Lease): Condition {
  return all(equals('owner', lease.owner), equals('fence', lease.fence));
}

function slotLost(lease: Lease): StepFailure {
  return new StepFailure({
    class: 'transient',
    code: 'slotLost',
    message: `slot ${lease.key.pk} was taken by another invocation after fence ${lease.fence}; this one stops`,
  });
}
