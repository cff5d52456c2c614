import type { TargetRow } from '../../lambdas/core/rows.ts';
import { listTargets } from '../../lambdas/store/certificates.ts';
import type { Account, Desk } from '../desk.ts';
import { LOOK_MS } from './follow-run.ts';

/** Two hours after a push has begun it is a failure by itself; this is a little more. Milliseconds. */
const PATIENCE_MS = 150 * 60_000;

/** What became of a version at a target. */
export type TargetEnd = {
  readonly target: string;
  readonly end: 'proven' | 'failed' | 'still-on-its-way';
  readonly message?: string;
};

/** Follows a version to all targets of its certificate until each has shown it or failed. Reads only. */
export async function followTargets(
  desk: Desk,
  { table }: Account,
  name: string,
  version: string,
): Promise<readonly TargetEnd[]> {
  const giveUpAt = desk.clock.now() + PATIENCE_MS;
  const told = new Set<string>();
  for (;;) {
    const targets = (await listTargets(table, name)).filter(({ retired }) => retired !== true);
    const ends = targets.map((target) => endOf(target, version));
    for (const one of ends) tellOnce(desk, one, told);
    if (ends.every(({ end }) => end !== 'still-on-its-way') || desk.clock.now() > giveUpAt) return ends;
    await desk.clock.sleep(LOOK_MS);
  }
}

function endOf({ target, proven, failure }: TargetRow, version: string): TargetEnd {
  if (proven === version) return { target: target.id, end: 'proven' };
  if (failure === undefined) return { target: target.id, end: 'still-on-its-way' };
  return { target: target.id, end: 'failed', message: failure.message };
}

function tellOnce({ tell }: Desk, { target, end, message }: TargetEnd, told: Set<string>): void {
  const line = `  target ${target}: ${end.replaceAll('-', ' ')}${message === undefined ? '' : `: ${message}`}`;
  if (told.has(line)) return;
  told.add(line);
  tell(line);
}
