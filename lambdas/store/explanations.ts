import { sha256Hex } from '../core/declaration.ts';
import type { RowKey } from '../core/rows.ts';
import { ROW_SCHEMA } from '../core/rows.ts';
import { absent, any, atMost } from './condition.ts';
import type { Table } from './table.ts';
import { getItem, updateItem } from './table.ts';

/** The reason that people were last told of for a CA's suggestions (RFC 9773 section 4.2), and when. */
export type ToldExplanation = { readonly url: string; readonly toldAt: number };

/** Reads what people were told last; undefined also where that cannot be read: it is told again. */
export async function readExplanation(table: Table, directoryUrl: string): Promise<ToldExplanation | undefined> {
  const item = await getItem(table, keyOf(directoryUrl));
  if (typeof item?.url !== 'string' || typeof item.toldAt !== 'number') return undefined;
  return { url: item.url, toldAt: item.toldAt };
}

/** Notes what people have been told; `toldAt` in milliseconds since the epoch. */
export async function noteExplanation(table: Table, directoryUrl: string, url: string, toldAt: number): Promise<void> {
  const changes = { schema: ROW_SCHEMA, url, toldAt };
  await updateItem(table, keyOf(directoryUrl), changes, any(absent('toldAt'), atMost('toldAt', toldAt)));
}

const keyOf = (directoryUrl: string): RowKey => ({ pk: `CA#${sha256Hex(directoryUrl)}`, sk: 'EXPLANATION' });
