import { PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { retriesWithoutDelay } from '../../../local/aws/retries.ts';
import { connectFake } from '../../../local/aws/seam.ts';
import { SnsAccount } from '../../../local/aws/sns.ts';

function setUp() {
  const account = new SnsAccount({ accountId: '123456789012', region: 'eu-west-1' });
  const topicArn = account.createTopic('perennial-alerts');
  const client = new SNSClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    retryStrategy: retriesWithoutDelay(1),
  });
  const sns = connectFake(client, account);
  const publish = (Subject: string | undefined, Message = 'text', TopicArn = topicArn) =>
    sns.send(new PublishCommand({ TopicArn, Subject, Message }));
  return { account, topicArn, sns, publish };
}

describe('The strict SNS', () => {
  it('records what is published, with and without subject', async () => {
    const { account, topicArn, publish } = setUp();
    await publish('A subject');
    await publish(undefined, 'more');
    expect(account.messages()).toEqual([
      { messageId: 'message-1', topicArn, subject: 'A subject', message: 'text' },
      { messageId: 'message-2', topicArn, subject: undefined, message: 'more' },
    ]);
  });

  it('refuses a topic that does not exist', async () => {
    const { account, topicArn, publish } = setUp();
    await expect(publish('s', 'text', `${topicArn}-2`)).rejects.toEqual(
      expect.objectContaining({ name: 'NotFoundException' }),
    );
    expect(account.messages()).toEqual([]);
  });

  it.each([
    ['100 characters', 'x'.repeat(100)],
    ['no characters', ''],
    ['a line break', 'one\ntwo'],
    ['a control character', 'one\u0007'],
    ['a letter beyond ASCII', 'für'],
    ['a space at its beginning', ' x'],
  ])('refuses a subject with %s', async (_what, subject) => {
    const { account, publish } = setUp();
    await expect(publish(subject)).rejects.toEqual(expect.objectContaining({ name: 'InvalidParameterException' }));
    expect(account.messages()).toEqual([]);
  });

  it('takes a message of 1 to 262,144 bytes of UTF-8', async () => {
    const { publish } = setUp();
    await publish('x'.repeat(99), 'ä'.repeat(131_072));
    await expect(publish('s', `${'ä'.repeat(131_072)}x`)).rejects.toThrow(/262145 bytes/);
    await expect(publish('s', '')).rejects.toThrow(/0 bytes/);
  });

  it('throws on operations and fields that it does not know', async () => {
    const { account, sns, topicArn } = setUp();
    const subscribe = new SubscribeCommand({ TopicArn: topicArn, Protocol: 'email' });
    await expect(sns.send(subscribe)).rejects.toThrow(/Subscribe/);
    await expect(account.call('Publish', { PhoneNumber: '1' })).rejects.toThrow(/PhoneNumber/);
  });
});
