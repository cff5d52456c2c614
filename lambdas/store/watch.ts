import type { Outbox, RowKey } from '../core/rows.ts';
import type { OpenFinding, WatchRow } from '../core/watch-state.ts';
import { absent, any, equals } from './condition.ts';
import type { Changes, Item, Table } from './table.ts';
import { getItem, queryItems, updateItem } from './table.ts';

const WATCH = 'WATCH';
const CERTIFICATE = 'CERT#';

/** What is told of no certificate: the sight of the table, who is told, many at once. */
export type NoteName = 'TABLE' | 'SUBSCRIPTIONS' | 'MANY';

/** A row of the watch about something that is no certificate. */
export type WatchNote = RowKey & {
  readonly revision: number;
  readonly since?: number;
  readonly hash?: string;
  readonly outbox?: Outbox;
};

/** Nothing is wrong with it any more: DynamoDB removes the row some time later. Milliseconds. */
const KEPT_MS = 30 * 86_400_000;

/** All certificates that something is, or was a short time ago, wrong with. */
export async function listWatchRows(table: Table): Promise<readonly WatchRow[]> {
  return (await queryItems(table, WATCH, CERTIFICATE)).map(rowOf);
}

function rowOf(item: Item): WatchRow {
  return {
    pk: String(item.pk),
    sk: String(item.sk),
    certificate: String(item.sk).slice(CERTIFICATE.length),
    revision: Number(item.revision),
    findings: isRecord<OpenFinding>(item.findings) ? item.findings : {},
    ...(isRecord<Outbox[string]>(item.outbox) && { outbox: item.outbox }),
  };
}

function isRecord<Value>(value: unknown): value is Readonly<Record<string, Value>> {
  return typeof value === 'object' && value !== null;
}

/** Writes what is known of a certificate now; false where another watch has written since it was read. */
export async function saveWatchRow(
  table: Table,
  certificate: string,
  before: WatchRow | undefined,
  { findings, outbox }: Required<Pick<WatchRow, 'findings' | 'outbox'>>,
  now: number,
): Promise<boolean> {
  const key = watchKey(certificate);
  const isOver = Object.keys(findings).length === 0;
  const ttl = isOver ? Math.ceil((now + KEPT_MS) / 1000) : undefined;
  return save(table, key, before?.revision, { findings, outbox, ttl });
}

/** Key of a certificate's row in the watch's table. */
export function watchKey(certificate: string): RowKey {
  return { pk: WATCH, sk: CERTIFICATE + certificate };
}

/** What the watch knows of something else. */
export async function readNote(table: Table, name: NoteName): Promise<WatchNote> {
  const item = await getItem(table, { pk: WATCH, sk: name });
  return {
    pk: WATCH,
    sk: name,
    revision: Number(item?.revision ?? 0),
    ...(typeof item?.since === 'number' && { since: item.since }),
    ...(typeof item?.hash === 'string' && { hash: item.hash }),
    ...(isRecord<Outbox[string]>(item?.outbox) && { outbox: item.outbox }),
  };
}

/** Writes it; false where another watch has written since it was read. */
export async function saveNote(table: Table, note: WatchNote, changes: Omit<Changes, 'revision'>): Promise<boolean> {
  return save(table, note, note.revision === 0 ? undefined : note.revision, changes);
}

async function save(table: Table, key: RowKey, revision: number | undefined, changes: Changes): Promise<boolean> {
  const unread = revision === undefined ? absent('revision') : any(equals('revision', revision), absent('revision'));
  const written = await updateItem(table, key, { ...changes, revision: (revision ?? 0) + 1 }, unread);
  return written !== undefined;
}
