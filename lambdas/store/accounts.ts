import type { AccountRow, SealedKey } from '../core/rows.ts';
import { accountKey, ROW_SCHEMA } from '../core/rows.ts';
import { equals, present } from './condition.ts';
import { parseAccount } from './parse.ts';
import type { Table } from './table.ts';
import { getItem, putIfAbsent, updateItem } from './table.ts';

/** The account at one directory. */
export type AccountIdentity = { readonly directoryUrl: string; readonly label: string };

/** Reads an account. Throws UnreadableRowError. */
export async function readAccount(
  table: Table,
  { directoryUrl, label }: AccountIdentity,
): Promise<AccountRow | undefined> {
  const item = await getItem(table, accountKey(directoryUrl, label));
  return item === undefined ? undefined : parseAccount(item);
}

/** Offers a key for a new account; the first one offered wins, whoever asks. */
export async function offerAccountKey(
  table: Table,
  { directoryUrl, label }: AccountIdentity,
  sealedKey: SealedKey,
): Promise<void> {
  await putIfAbsent(table, { ...accountKey(directoryUrl, label), schema: ROW_SCHEMA, directoryUrl, label, sealedKey });
}

/** Stores the account's URL (RFC 8555 section 7.3). */
export async function saveAccountUrl(table: Table, account: AccountRow, url: string): Promise<void> {
  await updateItem(table, account, { url }, present('pk'));
}

/** Forgets a URL at which the CA knows no account; the key stays, and any run may register it again. */
export async function forgetAccountUrl(table: Table, account: AccountRow, url: string): Promise<void> {
  await updateItem(table, account, { url: undefined }, equals('url', url));
}

/** Keeps the directory object as read at `directoryAt`, milliseconds since the epoch. */
export async function saveDirectory(
  table: Table,
  account: AccountRow,
  directory: Readonly<Record<string, unknown>>,
  directoryAt: number,
): Promise<void> {
  await updateItem(table, account, { directory, directoryAt }, present('pk'));
}
