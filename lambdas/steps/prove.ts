import { pushedMessage, recoveredMessage } from '../core/messages.ts';
import type { OutboxMessage, VersionRow } from '../core/rows.ts';
import { equals } from '../store/condition.ts';
import { parseTarget } from '../store/parse.ts';
import { succeedRun } from '../store/run-end.ts';
import { dueUntilTold, publishAndWait, withMessages } from './outbox.ts';
import { nextPublishAt } from './publish-arn.ts';
import type { PushRun, PushStepResult } from './push-run.ts';
import { endAgain, pushResult } from './push-run.ts';
import { nextClearingAt } from './superseded.ts';

/** A proven target is proven again after this long. Milliseconds. */
const PROVE_AGAIN_MS = 7 * 24 * 3_600_000;

/** Ends a push in success; if the target wants another version by now, its row stays due. */
export async function recordProven(run: PushRun, version: VersionRow): Promise<PushStepResult> {
  const { ports, target, input } = run;
  const now = ports.clock.now();
  const outbox = withMessages(target.outbox, messagesOf(run, version, now));
  const dueAt = nextLookAt(run, now);
  const changes = {
    proven: version.sha256,
    provenAt: now,
    provenNotAfter: version.notAfter,
    endsAt: version.notAfter,
    lifeMs: version.notAfter - version.notBefore,
    deadline: undefined,
    dueAt: dueUntilTold(outbox, dueAt, now),
    outbox,
  };
  const written = await succeedRun(ports.table, target, input.startSeq, changes, equals('desired', version.sha256));
  if (written === undefined) return endAgain(run, now);
  await publishAndWait(ports, parseTarget(written), dueAt);
  return pushResult(run, 'done');
}

/** Weekly, or when a parameter that could not be written is tried again, or what was superseded is removed. */
function nextLookAt({ ports, target }: PushRun, now: number): number {
  const weekly = Math.round(now + PROVE_AGAIN_MS * (1 - 0.1 * ports.random()));
  const publishing = target.publishFailure === undefined ? weekly : nextPublishAt(target.publishFailure);
  return Math.min(weekly, publishing, nextClearingAt(target, now) ?? weekly);
}

function messagesOf({ target }: PushRun, version: VersionRow, now: number): readonly OutboxMessage[] {
  const { certificate, failure } = target;
  const { id } = target.target;
  const news =
    target.proven === version.sha256 ? [] : [pushedMessage(certificate, { version: version.sha256, target: id }, now)];
  return failure === undefined ? news : [...news, recoveredMessage(certificate, `push to ${id}`, failure, now)];
}
