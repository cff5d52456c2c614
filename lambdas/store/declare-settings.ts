import type { RoleRow, RowKey } from '../core/rows.ts';
import { clampRetryAt } from '../core/waiting.ts';
import { asRead, isInFlight } from './declare-retry.ts';
import { parseRole } from './parse.ts';
import { keptChanging, RACES } from './restart.ts';
import type { Changes, Table } from './table.ts';
import { getItem, updateItem } from './table.ts';

/**
 * Puts on a role by which settings its orders are made. Where they have changed, a role that waits after a failure is due now,
 * or when its CA asked to be asked again: what failed may have been mended. Its `startSeq` stays, so that a run in flight goes
 * on. Whether it became due.
 */
export async function declareSettings(table: Table, key: RowKey, settings: string, now: number): Promise<boolean> {
  for (let attempt = 0; attempt < RACES; attempt += 1) {
    const item = await getItem(table, key);
    if (item === undefined) return false;
    const role = parseRole(item);
    if (role.settings === settings) return false;
    const mended = role.settings === undefined ? {} : triedAgain(role, now);
    if ((await updateItem(table, key, { settings, ...mended }, asRead(role))) !== undefined)
      return mended.dueAt !== undefined;
  }
  throw keptChanging(key);
}

function triedAgain(role: RoleRow, now: number): Changes {
  const { failure, failedSeq, startSeq, dueAt } = role;
  const isWaiting = failure !== undefined && failedSeq === startSeq && dueAt !== undefined && dueAt > now;
  if (!isWaiting || isInFlight(role, now)) return {};
  const asked = failure.retryAt === undefined ? now : clampRetryAt(failure.retryAt, now);
  return { dueAt: Math.min(dueAt, asked), tries: 0, caFailures: undefined };
}
