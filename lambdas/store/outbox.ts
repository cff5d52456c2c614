import type { Told } from '../core/partly-told.ts';
import type { RowKey } from '../core/rows.ts';
import { present } from './condition.ts';
import type { Table } from './table.ts';
import { updateItem } from './table.ts';

/** Marks a message as published by taking it out of its row. */
export async function strikeMessage(table: Table, key: RowKey, id: string): Promise<void> {
  await updateItem(table, key, { [`outbox\n${id}`]: undefined }, present('outbox'));
}

/** Machines or people have the message: from now on it is for the other only. */
export async function noteTold(table: Table, key: RowKey, id: string, told: Told): Promise<void> {
  await updateItem(table, key, { [`outbox\n${id}\ntold`]: told }, present(`outbox\n${id}`));
}
