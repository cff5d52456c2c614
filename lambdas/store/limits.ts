import type { LimitRow } from '../core/limit-rows.ts';
import type { LimitHold } from '../core/limit-uses.ts';
import type { RateLimit } from '../core/rate-limits.ts';
import { afterSpending, arrivalFor, fitsAt, intervalMs, refundOf } from '../core/rate-limits.ts';
import type { RowKey } from '../core/rows.ts';
import { ROW_SCHEMA } from '../core/rows.ts';
import type { Condition } from './condition.ts';
import { above, absent, all, any, atMost, below, equals, present } from './condition.ts';
import type { Changes, Item, Table } from './table.ts';
import { getItem, plus, queryItems, updateItem } from './table.ts';

/** A row says nothing any more so long after its last write and its longest window. Milliseconds. */
const KEPT_MS = 130 * 86_400_000;

/** A bucket is empty or it is not, and another's write can turn one into the other: so often at most. */
const TURNS = 6;

/** Reservations are attributes of their own, so that one write takes or removes one without reading. */
const HELD = 'held:';

const FIELDS: readonly string[] = ['arrivalAt', 'notBefore', 'bookedUntil', 'againUntil', 'issuedAt'];

/** Reads a bucket; one that was never used is full. */
export async function readLimit(table: Table, key: RowKey): Promise<LimitRow> {
  return rowOf(key, await getItem(table, key));
}

/** All buckets whose keys begin with `first`. */
export async function listLimits(table: Table, first: RowKey): Promise<readonly LimitRow[]> {
  const items = await queryItems(table, first.pk, first.sk);
  return items.map((item) => rowOf({ pk: first.pk, sk: String(item.sk) }, item));
}

function rowOf({ pk, sk }: RowKey, item: Item | undefined): LimitRow {
  const numbers = Object.entries(item ?? {}).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  const known = numbers.filter(([name]) => FIELDS.includes(name));
  const held = numbers.filter(([name]) => name.startsWith(HELD)).map(([name, at]) => [name.slice(HELD.length), at]);
  return { pk, sk, ...Object.fromEntries(known), held: Object.fromEntries(held) };
}

/** Takes one where one fits; whether it did. One conditional write decides, however many ask at once. */
export async function takeOne(table: Table, key: RowKey, limit: RateLimit, now: number): Promise<boolean> {
  return take(table, key, { limit, now, needsRoom: true });
}

/** Takes one for what has happened already, whether it fits or not. */
export async function countOne(table: Table, key: RowKey, limit: RateLimit, now: number): Promise<void> {
  await take(table, key, { limit, now, needsRoom: false });
}

/**
 * Reserves one under `id` where one fits, or whether it fits or not (`anyway`); whether the row holds it now, also when an
 * earlier try of this write was carried out and its answer lost.
 */
export async function holdOne(
  table: Table,
  key: RowKey,
  limit: RateLimit,
  { id, now, anyway }: { readonly id: string; readonly now: number; readonly anyway: boolean },
): Promise<boolean> {
  const taken = await take(table, key, { limit, now, needsRoom: !anyway, id });
  return taken || id in (await readLimit(table, key)).held;
}

/** Spends a reservation: it counts from now. Nothing happens where the row does not hold it (any more). */
export async function spendHold(table: Table, hold: LimitHold, now: number): Promise<void> {
  const mark = HELD + hold.id;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const { arrivalAt, held } = await readLimit(table, hold);
    const heldAt = held[hold.id];
    if (heldAt === undefined) return;
    const moved = afterSpending(arrivalAt, heldAt, hold.intervalMs, now);
    const isFull = arrivalAt === undefined || moved === now + hold.intervalMs;
    const change = isFull ? moved : plus('arrivalAt', moved - arrivalAt);
    const unmoved = isFull ? asRead('arrivalAt', arrivalAt) : present('arrivalAt');
    if (await updateItem(table, hold, { arrivalAt: change, [mark]: undefined }, all(present(mark), unmoved))) return;
  }
}

/** Returns a reservation, as far as time has not given it back already. Nothing happens where the row does not hold it. */
export async function returnHold(table: Table, hold: LimitHold, now: number): Promise<void> {
  const mark = HELD + hold.id;
  const heldAt = (await readLimit(table, hold)).held[hold.id];
  if (heldAt === undefined) return;
  const changes = { arrivalAt: plus('arrivalAt', -refundOf(heldAt, hold.intervalMs, now)), [mark]: undefined };
  await updateItem(table, hold, changes, all(present(mark), present('arrivalAt')));
}

/** An exact set of names had its certificate at `now`: what makes the next order for it a renewal. */
export async function noteIssuance(table: Table, key: RowKey, now: number): Promise<void> {
  await updateItem(table, key, stamped({ issuedAt: now }, now), any(absent('issuedAt'), below('issuedAt', now)));
}

/** The bucket is full again: consecutive failures end with a success. */
export async function resetLimit(table: Table, key: RowKey): Promise<void> {
  await updateItem(table, key, { arrivalAt: undefined }, present('arrivalAt'));
}

/**
 * The CA has asked to wait until `retryAt`: the estimate follows and never goes back. The instant itself is kept too, because
 * reservations that are returned later move the arrival time.
 */
export async function teachLimit(
  table: Table,
  key: RowKey,
  limit: RateLimit | undefined,
  retryAt: number,
  now: number,
): Promise<void> {
  await raise(table, key, 'notBefore', retryAt, now);
  if (limit !== undefined) await raise(table, key, 'arrivalAt', arrivalFor(retryAt, limit), now);
}

async function raise(table: Table, key: RowKey, field: string, value: number, now: number): Promise<void> {
  await updateItem(table, key, stamped({ [field]: value }, now), any(absent(field), below(field, value)));
}

/** Those that found no room for the first time, and those that came back too early: each queue has places of its own. */
export type Queue = 'bookedUntil' | 'againUntil';

/**
 * A place in a queue of those that found no room: each gets an instant of its own from `from` on, so that they do not all come
 * back for the same one. It is no reservation. Undefined where the queue is longer than until `latest`.
 */
export async function bookPlace(
  table: Table,
  key: RowKey,
  limit: RateLimit,
  queue: Queue,
  { from, latest, now }: { readonly from: number; readonly latest: number; readonly now: number },
): Promise<number | undefined> {
  const interval = intervalMs(limit);
  for (let turn = 0; turn < TURNS; turn += 1) {
    const first = any(absent(queue), atMost(queue, from));
    if (await updateItem(table, key, stamped({ [queue]: from + interval }, now), first)) return from;
    const next = all(above(queue, from), atMost(queue, latest));
    const booked = await updateItem(table, key, { [queue]: plus(queue, interval) }, next);
    if (booked !== undefined) return Number(booked[queue]) - interval;
    if (((await readLimit(table, key))[queue] ?? 0) > latest) return undefined;
  }
  return undefined;
}

type Taking = {
  readonly limit: RateLimit;
  readonly now: number;
  readonly needsRoom: boolean;
  /** Reserved under this id, unless it is there already. */
  readonly id?: string;
};

/** The arrival time moves by one interval: from the clock where the bucket is full, else from where it is. */
async function take(table: Table, key: RowKey, { limit, now, needsRoom, id }: Taking): Promise<boolean> {
  const interval = intervalMs(limit);
  const mark = id === undefined ? undefined : HELD + id;
  const marked = mark === undefined ? {} : { [mark]: now };
  const unmarked = mark === undefined ? [] : [absent(mark)];
  const room = needsRoom ? [atMost('arrivalAt', arrivalFor(now, limit))] : [];
  const isFull = any(absent('arrivalAt'), atMost('arrivalAt', now));
  for (let turn = 0; turn < TURNS; turn += 1) {
    const used = stamped({ arrivalAt: plus('arrivalAt', interval), ...marked }, now, limit);
    if (await updateItem(table, key, used, all(above('arrivalAt', now), ...room, ...unmarked))) return true;
    const full = stamped({ arrivalAt: now + interval, ...marked }, now, limit);
    if (await updateItem(table, key, full, all(isFull, ...unmarked))) return true;
    const { arrivalAt, held } = await readLimit(table, key);
    if ((id !== undefined && id in held) || (needsRoom && fitsAt(arrivalAt, limit) > now)) return false;
  }
  return false;
}

function asRead(attribute: string, value: number | undefined): Condition {
  return value === undefined ? absent(attribute) : equals(attribute, value);
}

/** DynamoDB removes the row some time after `ttl`, in seconds. */
function stamped(changes: Changes, now: number, limit?: RateLimit): Changes {
  const ttl = Math.ceil((now + KEPT_MS + (limit?.windowMs ?? 0)) / 1000);
  return { schema: ROW_SCHEMA, ttl, ...changes };
}
