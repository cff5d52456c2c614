import { type Waiting, waitsAfterFailure } from '../core/changed-retry.ts';
import type { RowKey } from '../core/rows.ts';
import { clampRetryAt } from '../core/waiting.ts';
import { asRead } from './declare-retry.ts';
import { parseRole } from './parse.ts';
import { editRow } from './restart.ts';
import type { Changes, Table } from './table.ts';

/**
 * Puts on a role by which settings its orders are made. Where they have changed, a role that waits after a failure is due now,
 * or when its CA asked to be asked again: what failed may have been mended. Its `startSeq` stays, so that a run in flight goes
 * on. Whether it became due.
 */
export async function declareSettings(table: Table, key: RowKey, settings: string, now: number): Promise<boolean> {
  let again: Changes | undefined;
  await editRow(table, key, parseRole, (role) => {
    const isChanged = role.settings !== settings;
    again =
      isChanged && role.settings !== undefined && waitsAfterFailure(role, now) ? triedAgain(role, now) : undefined;
    return isChanged ? { changes: { settings, ...again }, condition: asRead(role) } : undefined;
  });
  return again !== undefined;
}

function triedAgain({ failure, dueAt }: Waiting, now: number): Changes {
  const asked = failure.retryAt === undefined ? now : clampRetryAt(failure.retryAt, now);
  return { dueAt: Math.min(dueAt, asked), tries: 0, caFailures: undefined };
}
