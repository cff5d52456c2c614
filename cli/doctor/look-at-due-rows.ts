import { type DueEntry, listDue } from '../../lambdas/store/due-index.ts';
import { when } from '../output/times.ts';
import type { Examine } from './check.ts';

/** A sweep comes every six hours at least and starts all that is due; two of them have passed this by. Milliseconds. */
const OVERDUE_MS = 13 * 3_600_000;

/** Rows that are read of each shard, and that a message names. */
const MOST_READ = 25;
const MOST_NAMED = 3;

/** Rows whose work nothing has begun, and no run is in flight. */
export const lookAtDueRows: Examine = async (_desk, { table }, now) => {
  const rows = await listDue(table, now - OVERDUE_MS, MOST_READ);
  if (rows.length === 0) return { name: 'due rows', ok: true, message: 'nothing is overdue' };
  const oldest = rows.toSorted((a, b) => a.dueAt - b.dueAt).slice(0, MOST_NAMED);
  const named = oldest.map((row) => `${nameOf(row)} since ${when(row.dueAt, now)}`).join(', ');
  return {
    name: 'due rows',
    ok: false,
    message: `${rows.length} row(s) are due and nothing has started them: ${named}`,
    remedy: 'See whether sweeps run and what their executions say; `perennial renew <certificate>` starts one by hand.',
  };
};

function nameOf({ pk, sk }: DueEntry): string {
  return `${pk.replace(/^CERT#/, '')} ${sk}`;
}
