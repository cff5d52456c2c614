import { describe, expect, it } from 'vitest';
import type { Delivery, QueuedItem } from '../../../lambdas/core/alert-ports.ts';
import { type LogLine, NO_LOG } from '../../../lambdas/core/log.ts';
import { workOff } from '../../../lambdas/ports/queued-items.ts';
import { deliverAlert, MOST_TRIES } from '../../../lambdas/steps/deliver-alert.ts';
import { ALERT, NOW } from '../alerts/channels/alert.ts';

const { facts, topicArn, event, ...message } = ALERT;
const BODY = JSON.stringify({ channel: 'chat', event, topicArn, message: { ...facts, ...message, notify: true } });

function itemOf(change: Partial<QueuedItem> = {}): QueuedItem {
  const queueArn = 'arn:aws:sqs:eu-west-1:123456789012:chat.fifo';
  return { messageId: 'm-1', receiptHandle: 'r-1', body: BODY, receivedTimes: 1, queueArn, ...change };
}

function setUp(delivery: Delivery) {
  const done: unknown[] = [];
  const queue = {
    postpone: async ({ messageId }: QueuedItem, seconds: number) => void done.push(['postponed', messageId, seconds]),
    bury: async ({ messageId }: QueuedItem, reason: string) => void done.push(['buried', messageId, reason]),
  };
  const told: unknown[] = [];
  const lines: LogLine[] = [];
  const channel = {
    deliver: async (alert: unknown) => {
      told.push(alert);
      return delivery;
    },
  };
  const clock = { now: () => NOW, sleep: async () => undefined };
  const log = { ...NO_LOG, write: (line: LogLine) => void lines.push(line) };
  return { done, told, lines, ports: { channels: { chat: { channel, queue } }, clock, log } };
}

const LATER: Delivery = { outcome: 'later', reason: 'answered 503' };

describe('A queued alert', () => {
  it('is told as it was published, and is done with', async () => {
    const { ports, told, done } = setUp({ outcome: 'delivered' });
    expect(await deliverAlert(itemOf(), ports)).toBe(true);
    expect([told, done]).toEqual([[ALERT], []]);
  });

  it.each([
    [1, 10],
    [2, 20],
    [5, 160],
    [8, 900],
    [29, 900],
  ])('that was received %i times is tried again in %i seconds', async (receivedTimes, seconds) => {
    const { ports, done } = setUp(LATER);
    expect(await deliverAlert(itemOf({ receivedTimes }), ports)).toBe(false);
    expect(done).toEqual([['postponed', 'm-1', seconds]]);
  });

  it.each([
    [NOW + 120_500, 121],
    [NOW + 1_000, 10],
    [NOW + 30 * 3_600_000, 43_000],
  ])(
    'is tried again when the channel wants to be asked, not sooner than else and within what SQS can hide',
    async (retryAt, seconds) => {
      const { ports, done } = setUp({ ...LATER, retryAt });
      await deliverAlert(itemOf(), ports);
      expect(done).toEqual([['postponed', 'm-1', seconds]]);
    },
  );

  it.each([
    [{ outcome: 'refused', reason: 'answered 404' } as const, 1],
    [LATER, MOST_TRIES],
  ])(
    'is buried with the reason where it is refused, or was tried often enough: %#',
    async (delivery, receivedTimes) => {
      const { ports, done, lines } = setUp(delivery);
      expect(await deliverAlert(itemOf({ receivedTimes }), ports)).toBe(true);
      expect(done).toEqual([['buried', 'm-1', delivery.reason]]);
      expect(lines).toMatchObject([{ event: 'failure', class: 'person', code: 'alertGivenUp', channel: 'chat' }]);
    },
  );

  it.each([
    'no JSON',
    '{}',
    JSON.stringify({ channel: 'other', event, topicArn, message }),
    JSON.stringify({ channel: 'chat' }),
  ])('that is none is left to the queue: %s', async (body) => {
    await expect(deliverAlert(itemOf({ body }), setUp(LATER).ports)).rejects.toThrow(
      'of no channel that this version knows',
    );
  });
});

describe('A batch of a queue', () => {
  const record = (messageId: string) => ({
    messageId,
    receiptHandle: 'r',
    body: BODY,
    attributes: { ApproximateReceiveCount: '3', SentTimestamp: '', SenderId: '', ApproximateFirstReceiveTimestamp: '' },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn',
    awsRegion: 'eu-west-1',
  });

  it('stops at the first that is not done with, so that the order is kept', async () => {
    const worked: string[] = [];
    const answer = await workOff(
      { Records: [record('a'), record('b'), record('c')] },
      async ({ messageId, receivedTimes }) => {
        worked.push(`${messageId} ${receivedTimes}`);
        return messageId === 'a';
      },
    );
    expect(worked).toEqual(['a 3', 'b 3']);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'b' }, { itemIdentifier: 'c' }] });
  });
});
