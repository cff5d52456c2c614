import type { Alert } from './alert.ts';

/** What became of one try to tell one channel. Reasons hold no secrets. */
export type Delivery =
  | { readonly outcome: 'delivered' }
  /** May be taken later, not before `retryAt` (milliseconds since the epoch) where the channel asked for that. */
  | { readonly outcome: 'later'; readonly reason: string; readonly retryAt?: number }
  /** Will never be taken as it is. */
  | { readonly outcome: 'refused'; readonly reason: string };

/** One way to people. */
export interface AlertChannel {
  /** Tells it once. Never throws. */
  deliver(alert: Alert): Promise<Delivery>;
}

/** A message of a channel's queue, as it was received. */
export type QueuedItem = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** How often it was received, this time included. */
  readonly receivedTimes: number;
  readonly queueArn: string;
};

/** The queue of one channel. Both throw the AWS error when they fail. */
export interface AlertQueue {
  /** Hides the message, and with it all that come after it, for so many seconds. */
  postpone(item: QueuedItem, seconds: number): Promise<void>;
  /** Copies the message to the dead letters, with the reason. */
  bury(item: QueuedItem, reason: string): Promise<void>;
}
