import type { AriRow } from '../core/ari-rows.ts';
import { ARI_SHARD, ariKey } from '../core/ari-rows.ts';
import type { RoleRow, RowKey } from '../core/rows.ts';
import { certificateNameOf, ROW_SCHEMA, roleKey } from '../core/rows.ts';
import { above, absent, all, any, differs, equals } from './condition.ts';
import { listShard } from './due-index.ts';
import { parseAri } from './parse.ts';
import { noRunInFlight } from './run-end.ts';
import type { Changes, Table } from './table.ts';
import { getItem, updateItem } from './table.ts';

/** What is known of a role's version from its CA. Throws UnreadableRowError. */
export async function readAri(table: Table, name: string): Promise<AriRow | undefined> {
  const item = await getItem(table, ariKey(name));
  return item === undefined ? undefined : parseAri(item);
}

/** The rows whose question is due, at most `limit`, the longest due first. The index lags. */
export async function listDueAri(table: Table, now: number, limit: number): Promise<readonly RowKey[]> {
  return (await listShard(table, ARI_SHARD, now, limit)).slice(0, limit);
}

/** Has the CA asked about a role's version at the next sweep, unless it is asked about that already. May be repeated. */
export async function askAbout(table: Table, { certificate, role, version }: RoleRow, now: number): Promise<void> {
  if (version === undefined) return;
  const fields = { schema: ROW_SCHEMA, kind: 'ari', certificate, role, dueShard: ARI_SHARD, dueAt: now, revision: 0 };
  const isNews = any(absent('version'), differs('version', version), absent('dueAt'));
  await updateItem(table, ariKey(certificate, role), { ...fields, version, ...FORGOTTEN }, isNews);
}

/** What another version makes worthless. */
const FORGOTTEN: Changes = {
  certId: undefined,
  defaultAt: undefined,
  window: undefined,
  drawnAt: undefined,
  seenAt: undefined,
  explanationUrl: undefined,
  failure: undefined,
};

/** Writes what was learned; undefined when another refresh came first. */
export async function saveAri(table: Table, row: AriRow, changes: Changes): Promise<AriRow | undefined> {
  const asRead = all(equals('revision', row.revision), equals('version', row.version));
  const written = await updateItem(table, row, { ...changes, revision: row.revision + 1 }, asRead);
  return written === undefined ? undefined : parseAri(written);
}

/**
 * Moves the renewal instant of a role. Its `dueAt` follows only where the role is at rest: no run in flight, no failure on
 * its ladder, no order parked until an instant of its own. What makes it due earlier stays.
 */
export async function moveRenewal(table: Table, role: RoleRow, renewAt: number, now: number): Promise<void> {
  const key = roleKey(certificateNameOf(role), role.role);
  const sameVersion = equals('version', role.version);
  const atRest = all(
    equals('tries', 0),
    equals('startSeq', role.startSeq),
    equals('doneSeq', role.startSeq),
    noRunInFlight(now),
  );
  const laterThanThat = above('dueAt', renewAt);
  const follows = role.renewAt === undefined ? laterThanThat : any(equals('dueAt', role.renewAt), laterThanThat);
  const moved = await updateItem(table, key, { renewAt, dueAt: renewAt }, all(sameVersion, atRest, follows));
  if (moved === undefined) await updateItem(table, key, { renewAt }, sameVersion);
}
