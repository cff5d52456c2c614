import { isDeepStrictEqual } from 'node:util';
import { nextTryUnder } from '../core/changed-retry.ts';
import type { RetryPolicy } from '../core/retry-policy.ts';
import { DEFAULT_RETRY } from '../core/retry-policy.ts';
import type { DueFields, RecordedFailure, RowKey } from '../core/rows.ts';
import type { Condition } from './condition.ts';
import { absent, all, equals } from './condition.ts';
import { editRow } from './restart.ts';
import type { Changes, Item, Table } from './table.ts';

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
  await editRow(table, key, parse, (row) =>
    hasRetry(row, retry) ? undefined : { changes: retryChanges(row, retry, now), condition: asRead(row) },
  );
}

/** Whether a row is tried again by this policy. */
export function hasRetry(row: RetriedRow, retry: RetryPolicy): boolean {
  return isDeepStrictEqual(row.retry ?? DEFAULT_RETRY, retry);
}

function retryChanges(row: RetriedRow, retry: RetryPolicy, now: number): Changes {
  const dueAt = nextTryUnder(retry, row, now);
  return dueAt === undefined ? { retry } : { retry, tries: 1, dueAt };
}

/** Neither claimed, nor ended, nor made due since. */
export function asRead(row: DueFields): Condition {
  const fields = ['startSeq', 'tries', 'runUntil', 'dueAt'] as const;
  return all(...fields.map((field) => (row[field] === undefined ? absent(field) : equals(field, row[field]))));
}
