import type { RecordedFailure, RowKey } from '../core/rows.ts';
import type { Condition } from './condition.ts';
import { absent, all, any, atMost, differs, equals } from './condition.ts';
import type { Changes, Item, Table } from './table.ts';
import { getItem, updateItem } from './table.ts';

/** A run's writes to its row require that the row's latest claim is its own and has not succeeded. */
export function ownRun(startSeq: number): Condition {
  const notDone = any(absent('doneSeq'), differs('doneSeq', startSeq));
  return all(equals('startSeq', startSeq), notDone);
}

/** No failure was recorded since the row was read: it would be told twice, or its end would not be told. */
export function failsAsRead({ failure }: { readonly failure?: RecordedFailure }): Condition {
  return failure === undefined ? absent('failure') : equals('failure\nat', failure.at);
}

/** No run is in flight, or the one that was must be over. */
export function noRunInFlight(now: number): Condition {
  return any(absent('runUntil'), atMost('runUntil', now));
}

/**
 * Ends a run in success with what it achieved; `extra` conditions guard what it relies on. Refused where a failure was
 * recorded since the row was read, whose end `changes` cannot tell: the next run does. The row as it says so now, also when
 * the answer to an earlier try of this write was lost.
 */
export async function succeedRun(
  table: Table,
  row: RowKey & { readonly failure?: RecordedFailure },
  startSeq: number,
  changes: Changes,
  ...extra: readonly Condition[]
): Promise<Item | undefined> {
  const end = { ...changes, doneSeq: startSeq, tries: 0, runUntil: undefined, forced: undefined, failure: undefined };
  const written = await updateItem(table, row, end, all(ownRun(startSeq), failsAsRead(row), ...extra));
  if (written !== undefined) return written;
  const item = await getItem(table, row);
  return item?.doneSeq === startSeq ? item : undefined;
}

/** Ends a run that could not or need not act (`held`, `parked`): the try is given back, the row is due at `dueAt`. */
export async function giveRunBack(
  table: Table,
  run: RowKey & { readonly startSeq: number; readonly tries: number },
  dueAt: number,
  more: Changes = {},
  ...extra: readonly Condition[]
): Promise<Item | undefined> {
  const changes = { ...more, runUntil: undefined, tries: Math.max(0, run.tries - 1), dueAt: Math.round(dueAt) };
  return updateItem(table, run, changes, all(ownRun(run.startSeq), ...extra));
}

/** Ends a run in failure, once a claim; whether this call recorded it. */
export async function failRun(
  table: Table,
  key: RowKey,
  startSeq: number,
  changes: Changes & { readonly failure: RecordedFailure },
): Promise<Item | undefined> {
  const notRecorded = any(absent('failedSeq'), differs('failedSeq', startSeq));
  const end = { ...changes, failedSeq: startSeq, runUntil: undefined };
  return updateItem(table, key, end, all(ownRun(startSeq), notRecorded));
}
