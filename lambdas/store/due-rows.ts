import type { RoleRow, RowKey, SlotRow, TargetRow } from '../core/rows.ts';
import { above, absent, all, any, atMost, equals, present } from './condition.ts';
import { parseRole, parseSlot, parseTarget, TOLD_UNREADABLE } from './parse.ts';
import { noRunInFlight } from './run-end.ts';
import type { Table } from './table.ts';
import { getItem, updateItem } from './table.ts';

/** Any row that the due index may hold. */
export type DueRow = RoleRow | TargetRow | SlotRow;

/** Reads a due row whole and consistently; undefined when it is gone. Throws UnreadableRowError. */
export async function readDueRow(table: Table, key: RowKey): Promise<DueRow | undefined> {
  const item = await getItem(table, key);
  if (item === undefined) return undefined;
  if (key.sk.startsWith('ROLE#')) return parseRole(item);
  if (key.sk.startsWith('TARGET#')) return parseTarget(item);
  return parseSlot(item);
}

/** A row that cannot be read is looked at again after this. Milliseconds. */
export const UNREADABLE_MS = 24 * 3_600_000;

/**
 * Puts a row off that cannot be read or started; it never leaves the index. `told` is what people were told of it.
 */
export async function putOff(table: Table, key: RowKey, until: number, now: number, told?: string): Promise<void> {
  const marked = told === undefined ? {} : { [TOLD_UNREADABLE]: told };
  await updateItem(table, key, { dueAt: until, ...marked }, atMost('dueAt', now));
}

/** Makes a row that does not fail due by `at`; a failing one has its own next try, which this must not change. */
export async function makeDueBy(table: Table, key: RowKey, at: number, now: number): Promise<void> {
  await updateItem(table, key, { dueAt: at }, all(above('dueAt', at), absent('failure'), noRunInFlight(now)));
}

/** As {@link makeDueBy}, for a row with a message that nobody has got yet: also one that is due no more. */
export async function makeOutboxDueBy(table: Table, key: RowKey, at: number, now: number): Promise<void> {
  const later = any(absent('dueAt'), above('dueAt', at));
  await updateItem(table, key, { dueAt: at }, all(present('outbox'), later, absent('failure'), noRunInFlight(now)));
}

/** A row whose next look may be moved, as it was read. */
export type Postponed = RowKey & { readonly startSeq: number; readonly dueAt?: number | undefined };

/** Moves when a row is due, unless it is due already or that was changed since it was read. */
export async function postpone(table: Table, row: Postponed, dueAt: number | undefined, now: number): Promise<void> {
  if (row.dueAt === undefined || row.dueAt <= now || row.dueAt === dueAt) return;
  await updateItem(table, row, { dueAt }, all(equals('dueAt', row.dueAt), equals('startSeq', row.startSeq)));
}

/** Makes a row due now unless a run is in flight, which will look for itself. */
export async function makeDueNow(table: Table, key: RowKey, now: number): Promise<void> {
  await updateItem(table, key, { dueAt: now }, all(present('dueShard'), noRunInFlight(now)));
}

/** Makes a role due now although its time has not come, as long as it has this version and no run is in flight. */
export async function forceDueNow(table: Table, key: RowKey, version: string | undefined, now: number): Promise<void> {
  const asSeen = all(present('dueShard'), equals('version', version), absent('failure'), noRunInFlight(now));
  await updateItem(table, key, { dueAt: now, forced: true }, asSeen);
}
