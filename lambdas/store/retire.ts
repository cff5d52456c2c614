import type { TargetRow } from '../core/rows.ts';
import { certificateKey, roleKey } from '../core/rows.ts';
import { listTargets } from './certificates.ts';
import { present } from './condition.ts';
import { parseRole, parseTarget } from './parse.ts';
import { restart } from './restart.ts';
import type { Table } from './table.ts';
import { updateItem } from './table.ts';

/**
 * A certificate that is no longer declared is not renewed any more, and what is in flight ends; what it has issued stays,
 * and its targets are watched. Its own row is written last: until then another deployment finds it and begins again.
 */
export async function retireCertificate(table: Table, name: string, now: number): Promise<void> {
  for (const target of await listTargets(table, name)) await watchTarget(table, target, now);
  await restart(table, roleKey(name), parseRole, now, () => ({ dueAt: undefined }));
  await updateItem(table, certificateKey(name), { retired: true, renamedTo: undefined }, present('pk'));
}

/** A target that is no longer declared is not pushed to any more; what it holds stays there and is watched. */
export async function retireTarget(table: Table, target: TargetRow, now: number): Promise<void> {
  if (target.retired !== true) await watchTarget(table, target, now);
}

/** Due now for its first look; one that never held anything has nothing to be watched. */
async function watchTarget(table: Table, target: TargetRow, now: number): Promise<void> {
  await restart(table, target, parseTarget, now, ({ pushed, proven }) => ({
    retired: true,
    tries: 0,
    dueAt: pushed === undefined && proven === undefined ? undefined : now,
  }));
}
