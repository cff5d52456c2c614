import { isDeepStrictEqual } from 'node:util';
import { nextTryUnder } from '../core/changed-retry.ts';
import type { RetryPolicy } from '../core/declaration.ts';
import { DEFAULT_RETRY } from '../core/declaration.ts';
import type { DueFields, RecordedFailure, RowKey } from '../core/rows.ts';
import type { Condition } from './condition.ts';
import { absent, all, equals } from './condition.ts';
import { keptChanging, RACES } from './restart.ts';
import type { Changes, Item, Table } from './table.ts';
import { getItem, updateItem } from './table.ts';

type RetriedRow = DueFields & { readonly failure?: RecordedFailure };

/**
 * Puts a retry policy on its row. Its `startSeq` stays, so that a run in flight goes on; a row that fails, and has none, starts
 * its ladder anew.
 */
export async function declareRetry<Row extends RetriedRow>(
  table: Table,
  key: RowKey,
  parse: (item: Item) => Row,
  retry: RetryPolicy,
  now: number,
): Promise<void> {
  for (let attempt = 0; attempt < RACES; attempt += 1) {
    const item = await getItem(table, key);
    if (item === undefined) return;
    const row = parse(item);
    if (hasRetry(row, retry)) return;
    if ((await updateItem(table, key, retryChanges(row, retry, now), asRead(row))) !== undefined) return;
  }
  throw keptChanging(key);
}

/** Whether a row is tried again by this policy. */
export function hasRetry(row: RetriedRow, retry: RetryPolicy): boolean {
  return isDeepStrictEqual(row.retry ?? DEFAULT_RETRY, retry);
}

function retryChanges(row: RetriedRow, retry: RetryPolicy, now: number): Changes {
  const dueAt = isInFlight(row, now) ? undefined : nextTryUnder(retry, row, now);
  return dueAt === undefined ? { retry } : { retry, tries: 1, dueAt };
}

/** Whether a run of it may be under way. */
export function isInFlight({ runUntil }: DueFields, now: number): boolean {
  return runUntil !== undefined && runUntil > now;
}

/** Neither claimed, nor ended, nor made due since. */
export function asRead(row: DueFields): Condition {
  const fields = ['startSeq', 'tries', 'runUntil', 'dueAt'] as const;
  return all(...fields.map((field) => (row[field] === undefined ? absent(field) : equals(field, row[field]))));
}
