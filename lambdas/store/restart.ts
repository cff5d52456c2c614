import type { DueFields, RowKey } from '../core/rows.ts';
import type { Condition } from './condition.ts';
import { equals } from './condition.ts';
import type { Changes, Item, Table } from './table.ts';
import { getItem, updateItem } from './table.ts';

/** Lost races for one row before the deployment fails and is repeated. */
export const RACES = 5;

/** What a deployment writes to a row, and what must still be as it was read. */
export type Edit = { readonly changes: Changes; readonly condition: Condition };

/**
 * Changes a row by what is read of it, and again where it changes meanwhile. The row as written; undefined where it is not
 * there or `editOf` found nothing to change.
 */
export async function editRow<Row extends DueFields>(
  table: Table,
  key: RowKey,
  parse: (item: Item) => Row,
  editOf: (row: Row) => Edit | undefined,
): Promise<Row | undefined> {
  for (let attempt = 0; attempt < RACES; attempt += 1) {
    const item = await getItem(table, key);
    const edit = item === undefined ? undefined : editOf(parse(item));
    if (edit === undefined) return undefined;
    const written = await updateItem(table, key, edit.changes, edit.condition);
    if (written !== undefined) return parse(written);
  }
  throw keptChanging(key);
}

/**
 * Changes a row that runs work on: a new `startSeq` outdates the run in flight, whose writes are refused from then on. The
 * row as written; undefined where it is not there or `changesOf` found nothing to change.
 */
export function restart<Row extends DueFields>(
  table: Table,
  key: RowKey,
  parse: (item: Item) => Row,
  now: number,
  changesOf: (row: Row) => Changes | undefined,
): Promise<Row | undefined> {
  return editRow(table, key, parse, (row) => {
    const changes = changesOf(row);
    if (changes === undefined) return undefined;
    const outdated = { ...changes, startSeq: Math.max(now, row.startSeq + 1), runUntil: undefined };
    return { changes: outdated, condition: equals('startSeq', row.startSeq) };
  });
}

/** A row lost every race for it. */
export function keptChanging({ pk, sk }: RowKey): Error {
  return new Error(`row ${pk} ${sk} kept changing while it was declared; deploy again`);
}
