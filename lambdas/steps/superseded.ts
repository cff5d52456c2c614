import { supersededInUseMessage } from '../core/messages.ts';
import type { TargetRow } from '../core/rows.ts';
import type { TargetDeclaration } from '../core/target-declaration.ts';
import type { TargetDriver } from '../core/target-driver.ts';
import { withMessages } from './outbox.ts';
import type { PushPorts } from './ports.ts';
import type { PushRun } from './push-run.ts';
import { saveTarget } from './push-run.ts';

/** So long what was superseded stays after its successor was proven: caches and connections go on for a while. Milliseconds. */
const GRACE_MS = 3_600_000;
/** What something still serves is looked at again then. Milliseconds. */
const STILL_USED_MS = 24 * 3_600_000;

/** When a proven target has to be looked at again for what it has superseded; undefined where nothing is left. */
export function nextClearingAt({ superseded = [], toldSuperseded = [] }: TargetRow, now: number): number | undefined {
  if (superseded.length === 0) return undefined;
  return superseded.every((id) => toldSuperseded.includes(id)) ? now + STILL_USED_MS : now + GRACE_MS;
}

/**
 * Removes what a proven version has superseded, only what the row itself lists. What something still serves is told once: no
 * renewal reaches it any more. The run with its row as it is then.
 */
export async function clearSuperseded(
  run: PushRun<PushPorts>,
  driver: TargetDriver<TargetDeclaration>,
): Promise<PushRun<PushPorts>> {
  const { target, ports } = run;
  const { superseded = [], toldSuperseded = [] } = target;
  const now = ports.clock.now();
  const isSettled = target.proven === target.desired && now >= (target.provenAt ?? now) + GRACE_MS;
  if (superseded.length === 0 || driver.discard === undefined || !isSettled) return run;
  const left: string[] = [];
  for (const remoteId of superseded) if (!(await driver.discard(target.target, remoteId))) left.push(remoteId);
  const place = { certificate: target.certificate, target: target.target.id, now: target.remoteId ?? '' };
  const news = left
    .filter((remoteId) => !toldSuperseded.includes(remoteId))
    .map((remoteId) => supersededInUseMessage(place, remoteId, now));
  return saveTarget(run, {
    superseded: left.length === 0 ? undefined : left,
    toldSuperseded: left.length === 0 ? undefined : left,
    outbox: withMessages(target.outbox, news),
  });
}
