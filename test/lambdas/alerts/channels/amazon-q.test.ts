import { SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createAmazonQ, customNotification } from '../../../../lambdas/alerts/channels/amazon-q.ts';
import { threadOf } from '../../../../lambdas/core/alert-thread.ts';
import { retriesWithoutDelay } from '../../../../local/aws/retries.ts';
import { connectFake } from '../../../../local/aws/seam.ts';
import { SnsAccount } from '../../../../local/aws/sns.ts';
import { ALERT } from './alert.ts';

const text = (longest: number) => z.string().min(1).max(longest);

/** https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html#event-schema */
const schema = z.strictObject({
  version: z.literal('1.0'),
  source: z.literal('custom'),
  id: text(250),
  content: z.strictObject({
    textType: z.literal('client-markdown'),
    title: text(1000),
    description: text(8000 * 3),
    nextSteps: z.array(text(2000)).max(10).optional(),
    keywords: z.array(text(75)).max(10),
  }),
  metadata: z.strictObject({
    threadId: text(250),
    summary: text(250),
    eventType: text(250),
    relatedResources: z.array(z.string().regex(/^arn:/)).max(10),
    additionalContext: z.record(z.string(), z.string()),
  }),
});

const noticeOf = (change: Partial<typeof ALERT> = {}) => schema.parse(customNotification({ ...ALERT, ...change }));

describe('A message for Amazon Q', () => {
  it('is a custom notification, with what is to be done as next steps', () => {
    const { content, metadata, id } = noticeOf();
    expect(id).toBe(ALERT.id);
    expect(content.title).toBe(ALERT.subject);
    expect(content.nextSteps).toEqual([
      'Perennial tries again at 2027-01-01T13:00:00.000Z.',
      'A person must open https://ca.test/unpause?a=1&amp;b=2.',
    ]);
    expect(content.description).toBe(
      'Renewal of "shop" failed: CAA forbids *.shop_a.test &amp; *.shop_b.test &lt;none&gt;.\nNothing is served yet.',
    );
    expect(metadata).toMatchObject({
      eventType: 'certificate.failing',
      additionalContext: { certificate: 'shop', code: 'caa' },
    });
  });

  it('is in the thread of what it is about', () => {
    const over = noticeOf({ event: 'certificate.recovered', id: 'other' });
    expect(over.metadata.threadId).toBe(threadOf(ALERT));
    expect(over.metadata.threadId).toBe(noticeOf().metadata.threadId);
  });

  it('mentions nobody, whatever the message quotes', () => {
    expect(noticeOf({ subject: 'for <!channel>', body: '<@U123>' }).content).toMatchObject({
      title: 'for &lt;!channel&gt;',
      description: '&lt;@U123&gt;',
    });
  });

  it('names the ARNs that it is about', () => {
    const facts = { successor: 'arn:aws:acm:us-east-1:123456789012:certificate/1', target: 'acm' };
    expect(noticeOf({ facts }).metadata.relatedResources).toEqual([facts.successor]);
  });

  it.each([
    { body: 'x'.repeat(60_000) },
    { body: 'A person must look.\n'.repeat(100) },
    { body: `A person must ${'x'.repeat(5_000)}` },
    { subject: 'x'.repeat(3_000) },
    { certificate: 'c'.repeat(3_000) },
    { facts: { code: 'x'.repeat(5_000) } },
  ])('is within its limits: %#', (change) => {
    expect(noticeOf(change).version).toBe('1.0');
  });

  it('is published to the channel’s topic, without a subject, and is tried again where that fails', async () => {
    const account = new SnsAccount({ accountId: '123456789012', region: 'eu-west-1' });
    const topicArn = account.createTopic('chat');
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const sns = connectFake(
      new SNSClient({ region: 'eu-west-1', credentials, retryStrategy: retriesWithoutDelay() }),
      account,
    );
    expect(await createAmazonQ(sns, topicArn).deliver(ALERT)).toEqual({ outcome: 'delivered' });
    expect(account.messages()).toMatchObject([
      { topicArn, subject: undefined, message: JSON.stringify(customNotification(ALERT)) },
    ]);
    expect(await createAmazonQ(sns, `${topicArn}-gone`).deliver(ALERT)).toMatchObject({
      outcome: 'later',
      reason: expect.stringContaining('NotFound'),
    });
  });
});
