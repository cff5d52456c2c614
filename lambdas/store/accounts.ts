import type { AccountRow, Outbox, SealedKey } from '../core/rows.ts';
import { accountKey, ROW_SCHEMA } from '../core/rows.ts';
import { absent, all, equals, present } from './condition.ts';
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

/**
 * Stores the account's URL (RFC 8555 section 7.3), with what is told of it. The row as written; undefined where another run
 * was faster.
 */
export async function saveAccountUrl(
  table: Table,
  account: AccountRow,
  url: string,
  outbox: Outbox = {},
): Promise<AccountRow | undefined> {
  const changes = { url, lostUrl: undefined, ...(Object.keys(outbox).length === 0 ? {} : { outbox }) };
  const written = await updateItem(table, account, changes, all(present('pk'), absent('url')));
  return written === undefined ? undefined : parseAccount(written);
}

/** Forgets a URL at which the CA knows no account; the key stays, and any run may register it again. */
export async function forgetAccountUrl(table: Table, account: AccountRow, url: string): Promise<void> {
  await updateItem(table, account, { url: undefined, lostUrl: url }, equals('url', url));
}

/** Takes another key for an account that was never registered; undefined where it has been, or has another key, by now. */
export async function replaceAccountKey(
  table: Table,
  account: AccountRow,
  sealedKey: SealedKey,
): Promise<AccountRow | undefined> {
  const untouched = all(equals('sealedKey', account.sealedKey), absent('url'), absent('lostUrl'));
  const written = await updateItem(table, account, { sealedKey }, untouched);
  return written === undefined ? undefined : parseAccount(written);
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
