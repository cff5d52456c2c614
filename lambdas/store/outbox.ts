import type { RowKey } from '../core/rows.ts';
import { present } from './condition.ts';
import type { Table } from './table.ts';
import { updateItem } from './table.ts';

/** Marks a message as published by taking it out of its row. */
export async function strikeMessage(table: Table, key: RowKey, id: string): Promise<void> {
  await updateItem(table, key, { [`outbox\n${id}`]: undefined }, present('outbox'));
}

/** People have the message: from now on it is for machines only. */
export async function notePeopleTold(table: Table, key: RowKey, id: string): Promise<void> {
  await updateItem(table, key, { [`outbox\n${id}\nnotify`]: false }, present(`outbox\n${id}`));
}
