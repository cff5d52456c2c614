import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { retriesWithoutDelay } from '../../../local/aws/retries.ts';
import { connectFake } from '../../../local/aws/seam.ts';
import { SqsAccount } from '../../../local/aws/sqs.ts';

const PLACE = { accountId: '123456789012', region: 'eu-west-1' };
const URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/dead';

function setUp() {
  const state = { now: 0 };
  const account = new SqsAccount({ ...PLACE, now: () => state.now });
  account.createQueue('dead');
  account.createQueue('work', {
    visibilityTimeoutSeconds: 60,
    contentBasedDeduplication: true,
    deadLetters: { queue: 'dead', maxReceiveCount: 2 },
  });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const settings = { region: PLACE.region, credentials, retryStrategy: retriesWithoutDelay() };
  return { account, state, client: connectFake(new SQSClient(settings), account) };
}

describe('A FIFO queue', () => {
  it('hands out nothing of a group while a message of it is hidden, and of another group it does', () => {
    const { account, state } = setUp();
    for (const [body, group] of [
      ['one', 'a'],
      ['two', 'a'],
      ['three', 'b'],
    ] as const)
      account.send('work', body, group);
    expect([account.receive('work')?.body, account.receive('work')?.body, account.receive('work')]).toEqual([
      'one',
      'three',
      undefined,
    ]);
    state.now += 60_000;
    expect(account.receive('work')).toMatchObject({ body: 'one', receiveCount: 2 });
  });

  it('takes a message once within five minutes', () => {
    const { account, state } = setUp();
    account.send('work', 'one', 'a');
    state.now = 299_999;
    account.send('work', 'one', 'a');
    expect(account.messages('work')).toHaveLength(1);
    state.now = 300_000;
    account.send('work', 'one', 'a');
    expect(account.messages('work')).toHaveLength(2);
  });

  it('gives a message up that was received too often', () => {
    const { account, state } = setUp();
    account.send('work', 'one', 'a');
    for (let times = 0; times < 2; times += 1) {
      account.receive('work');
      state.now += 60_000;
    }
    expect(account.receive('work')).toBeUndefined();
    expect(account.messages('dead').map(({ body }) => body)).toEqual(['one']);
  });

  it.each([
    [{ MessageBody: 'x', MessageDeduplicationId: 'a' }, 'MissingParameter'],
    [{ MessageBody: 'x', MessageGroupId: 'a' }, 'InvalidParameterValue'],
    [{ MessageBody: '\u0000', MessageGroupId: 'a', MessageDeduplicationId: 'a' }, 'InvalidMessageContents'],
    [
      {
        MessageBody: 'x',
        MessageGroupId: 'a',
        MessageDeduplicationId: 'a',
        MessageAttributes: { reason: { DataType: 'String', StringValue: '' } },
      },
      'InvalidParameterValue',
    ],
  ])('refuses %j', async (input, name) => {
    await expect(setUp().client.send(new SendMessageCommand({ QueueUrl: URL, ...input }))).rejects.toMatchObject({
      name,
    });
  });
});
