import { retiredServedMessage } from '../core/messages.ts';
import { isNearEnd, nextWatchAt } from '../core/retired.ts';
import type { TargetRow, VersionRow } from '../core/rows.ts';
import { readVersion } from '../store/certificates.ts';
import { parseTarget } from '../store/parse.ts';
import { succeedRun } from '../store/run-end.ts';
import { dueUntilTold, publishAndWait, withMessages } from './outbox.ts';
import type { BasePorts } from './ports.ts';
import type { PushRun, PushStepResult } from './push-run.ts';
import { pushResult } from './push-run.ts';

/**
 * Ends a look at a retired target. What it still serves of ours is told once, when its end is near; the row stays due until
 * that is told or what the target held has ended. `served` is the SHA-256 of the leaf that was seen, if any.
 */
export async function recordWatch(run: PushRun, served: string | undefined): Promise<PushStepResult> {
  const { ports, target, input } = run;
  const now = ports.clock.now();
  const held = await heldVersion(ports, target);
  const seen = served === undefined ? undefined : await readVersion(ports.table, target.certificate, served);
  const told = seen !== undefined && isNearEnd(seen, now) ? seen : undefined;
  const news = told === undefined ? [] : [retiredServedMessage(target.certificate, placeOf(target), told, now)];
  const outbox = withMessages(target.outbox, news);
  const dueAt = told !== undefined || held === undefined ? undefined : nextWatchAt(held, now);
  const changes = {
    dueAt: dueUntilTold(outbox, dueAt, now),
    outbox,
    ...(told === undefined ? {} : { toldRetired: told.sha256 }),
  };
  const written = await succeedRun(ports.table, target, input.startSeq, changes);
  if (written !== undefined) await publishAndWait(ports, parseTarget(written), dueAt);
  return pushResult(run, 'done');
}

/** The version that was given to it last. */
async function heldVersion(ports: BasePorts, target: TargetRow): Promise<VersionRow | undefined> {
  const sha256 = target.pushed ?? target.proven;
  return sha256 === undefined ? undefined : readVersion(ports.table, target.certificate, sha256);
}

function placeOf({ target, remoteId }: TargetRow): { readonly target: string; readonly place: string } {
  const { probe, id } = target;
  const place = probe === 'control-plane' ? (remoteId ?? id) : `${probe.servername} at ${probe.host}:${probe.port}`;
  return { target: id, place };
}
