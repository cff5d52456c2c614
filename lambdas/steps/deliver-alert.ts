import { parseQueuedAlert } from '../core/alert.ts';
import type { AlertChannel, AlertQueue, QueuedItem } from '../core/alert-ports.ts';
import type { FailureLine, Log } from '../core/log.ts';
import type { Clock } from '../core/ports.ts';

/** What DeliverAlert works with, by the name of a channel. */
export type DeliveryPorts = {
  readonly channels: Readonly<Record<string, { readonly channel: AlertChannel; readonly queue: AlertQueue }>>;
  readonly clock: Clock;
  readonly log: Log;
};

/** Tries of one message, about six hours; a channel that asks to wait stretches them. */
export const MOST_TRIES = 30;
const FIRST_WAIT_SECONDS = 10;
const LONGEST_WAIT_SECONDS = 900;
/** SQS hides a message for 12 hours at most. */
const LONGEST_HIDING_SECONDS = 43_000;

/**
 * Tells one channel one message of its queue. True when it is done with, delivered or among the dead letters; false when it
 * stays in the queue for another try. Throws where the queue cannot be reached; SQS hands the message out again then.
 */
export async function deliverAlert(item: QueuedItem, { channels, clock, log }: DeliveryPorts): Promise<boolean> {
  const queued = parseQueuedAlert(item.body);
  const found = queued && channels[queued.channel];
  if (queued === undefined || found === undefined)
    throw new Error(`message ${item.messageId} of ${item.queueArn} is of no channel that this version knows`);
  const { channel, queue } = found;
  const delivery = await channel.deliver(queued.alert);
  if (delivery.outcome === 'delivered') return true;
  const isLast = delivery.outcome === 'refused' || item.receivedTimes >= MOST_TRIES;
  log.write(failureLine(isLast, queued, delivery.reason));
  if (isLast) {
    await queue.bury(item, delivery.reason);
    return true;
  }
  await queue.postpone(item, waitSeconds(item.receivedTimes, delivery.retryAt, clock.now()));
  return false;
}

/** Doubled with every try, and not before the channel wants to be asked again. */
function waitSeconds(receivedTimes: number, retryAt: number | undefined, now: number): number {
  const backoff = Math.min(FIRST_WAIT_SECONDS * 2 ** (receivedTimes - 1), LONGEST_WAIT_SECONDS);
  const asked = retryAt === undefined ? 0 : Math.ceil((retryAt - now) / 1000);
  return Math.min(Math.max(backoff, asked), LONGEST_HIDING_SECONDS);
}

function failureLine(
  isLast: boolean,
  { channel, alert }: { readonly channel: string; readonly alert: { readonly id: string; readonly event: string } },
  reason: string,
): FailureLine {
  const what = isLast ? 'an alert was given up for this channel' : 'an alert is tried again later';
  return {
    event: 'failure',
    message: `${what}: ${reason}`,
    class: isLast ? 'person' : 'transient',
    code: isLast ? 'alertGivenUp' : 'alertPutOff',
    channel,
    alert: `${alert.event} ${alert.id}`,
  };
}
