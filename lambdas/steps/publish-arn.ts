import { failingMessage, recoveredMessage } from '../core/messages.ts';
import type { RecordedFailure, TargetRow } from '../core/rows.ts';
import { asStepFailure } from './failures.ts';
import { withMessages } from './outbox.ts';
import type { PushPorts } from './ports.ts';
import type { PushRun } from './push-run.ts';
import { ownerOf, saveTarget } from './push-run.ts';

const FIRST_RETRY_MS = 15 * 60_000;
const LONGEST_RETRY_MS = 24 * 3_600_000;

/** What is not for a person passes by itself, mostly: told at the third time. */
const TOLD_AT = 3;

/**
 * Writes the ARN where other stacks look for it, if it is another than was written last. A failure is recorded beside the
 * push, which it does not fail, told once and tried again ({@link nextPublishAt}). The run with its row as it is then.
 */
export async function publishArn(run: PushRun<PushPorts>, arn: string): Promise<PushRun<PushPorts>> {
  const { ports, target } = run;
  const { arnParameters } = ports;
  if (arnParameters === undefined) return run;
  if (target.publishedArn === arn && target.publishFailure === undefined) return run;
  try {
    await arnParameters.write(ownerOf(target), arn);
  } catch (error) {
    return recordPublishFailure(run, error);
  }
  const { publishFailure: before } = target;
  const isTold = before !== undefined && (before.class === 'person' || before.count >= TOLD_AT);
  const news = isTold ? [recoveredMessage(target.certificate, whatOf(target), before, ports.clock.now())] : [];
  const outbox = withMessages(target.outbox, news);
  return saveTarget(run, { publishedArn: arn, publishFailure: undefined, outbox });
}

/** When the target is due again for a parameter that could not be written. */
export function nextPublishAt({ at, count }: RecordedFailure): number {
  return at + Math.min(FIRST_RETRY_MS * 2 ** (count - 1), LONGEST_RETRY_MS);
}

async function recordPublishFailure(run: PushRun<PushPorts>, error: unknown): Promise<PushRun<PushPorts>> {
  const { ports, target } = run;
  const { detail } = asStepFailure(error);
  const now = ports.clock.now();
  const { since = now, count = 0, class: known } = target.publishFailure ?? {};
  const failure: RecordedFailure = { ...detail, at: now, since, count: count + 1 };
  const isNews = failure.class === 'person' ? known !== 'person' : failure.count === TOLD_AT;
  const context = {
    what: whatOf(target),
    nextTryAt: nextPublishAt(failure),
    urgent: false,
    standing: 'The certificate itself is in its place; stacks that wait for its ARN do not get it yet.',
  };
  const news = isNews ? [failingMessage('certificate.push-failing', target.certificate, failure, context)] : [];
  return saveTarget(run, { publishFailure: failure, outbox: withMessages(target.outbox, news) });
}

function whatOf({ target }: TargetRow): string {
  return `publishing the ARN of ${target.id}`;
}
