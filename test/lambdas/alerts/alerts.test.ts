import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { createAlerts } from '../../../lambdas/alerts/alerts.ts';
import { EventBridgeAccount } from '../../../local/aws/eventbridge.ts';
import { AwsFault } from '../../../local/aws/fault.ts';
import { retriesWithoutDelay } from '../../../local/aws/retries.ts';
import { connectFake, type FakeAccount } from '../../../local/aws/seam.ts';
import { SnsAccount } from '../../../local/aws/sns.ts';
import { AT, MESSAGE } from './message.ts';

function setUp(put: { bus?: FakeAccount; topic?: FakeAccount } = {}) {
  const snsAccount = new SnsAccount({ accountId: '123456789012', region: 'eu-west-1' });
  const busAccount = new EventBridgeAccount({ now: () => 0 });
  const topicArn = snsAccount.createTopic('perennial-alerts');
  const settings = {
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    retryStrategy: retriesWithoutDelay(),
  };
  const sns = connectFake(new SNSClient(settings), put.topic ?? snsAccount);
  const eventBridge = connectFake(new EventBridgeClient(settings), put.bus ?? busAccount);
  return { alerts: createAlerts({ sns, eventBridge, topicArn }), snsAccount, busAccount, topicArn };
}

const answering = (answer: object): FakeAccount => ({ call: async () => answer });
const refusing = (code: string, status = 400): FakeAccount => ({
  call: async () => {
    throw new AwsFault(code, 'told so', status);
  },
});
const transient = (code: string) =>
  expect.objectContaining({ detail: expect.objectContaining({ class: 'transient', code }) });

describe('An alert', () => {
  it('is an event with its facts, and a message for people where it says so', async () => {
    const { alerts, snsAccount, busAccount, topicArn } = setUp();
    await alerts.publish(MESSAGE);
    expect(busAccount.events()).toEqual([
      {
        id: 'event-1',
        source: 'perennial',
        detailType: 'certificate.issued',
        detail: {
          schema: 1,
          id: 'issued-1',
          certificate: 'shop',
          at: AT,
          subject: 'shop has its first certificate',
          notify: true,
          body: 'It is served until February.',
          notAfter: 42,
          names: 'shop.example.com',
        },
        resources: [topicArn],
        time: AT,
      },
    ]);
    expect(snsAccount.messages()).toEqual([
      {
        messageId: 'message-1',
        topicArn,
        subject: 'shop has its first certificate',
        message: 'It is served until February.\n\nCertificate: shop\nMessage: issued-1\n',
      },
    ]);
  });

  it('is an event only, where nobody need know', async () => {
    const { alerts, snsAccount, busAccount } = setUp();
    await alerts.publish({ ...MESSAGE, event: 'certificate.renewed', notify: false });
    expect(busAccount.events()).toHaveLength(1);
    expect(snsAccount.messages()).toEqual([]);
  });

  it('keeps its own id and certificate, whatever the detail says', async () => {
    const { alerts, busAccount } = setUp();
    await alerts.publish({ ...MESSAGE, detail: { id: 'other', certificate: 'other' } });
    expect(busAccount.events()[0]?.detail).toMatchObject({ id: 'issued-1', certificate: 'shop' });
  });

  it('tells the same id when it is published twice', async () => {
    const { alerts, busAccount } = setUp();
    await alerts.publish(MESSAGE);
    await alerts.publish(MESSAGE);
    expect(busAccount.events().map((event) => event.detail)).toEqual([
      expect.objectContaining({ id: 'issued-1' }),
      expect.objectContaining({ id: 'issued-1' }),
    ]);
  });

  it.each([
    ['a line break', 'one\r\ntwo', 'one two'],
    ['letters beyond ASCII', 'Zertifikat für 例え.test', 'Zertifikat fur ?.test'],
    ['spaces around', '  x ', 'x'],
    ['nothing to show', ' \n ', 'Perennial'],
    ['99 characters', 'x'.repeat(99), 'x'.repeat(99)],
    ['100 characters', 'x'.repeat(100), `${'x'.repeat(96)}...`],
  ])('has a subject that SNS accepts, from one with %s', async (_what, subject, expected) => {
    const { alerts, snsAccount, busAccount } = setUp();
    await alerts.publish({ ...MESSAGE, subject });
    expect(snsAccount.messages()[0]?.subject).toBe(expected);
    expect(busAccount.events()[0]?.detail).toMatchObject({ subject });
  });

  it('is cut to what SNS accepts, between characters', async () => {
    const { alerts, snsAccount } = setUp();
    await alerts.publish({ ...MESSAGE, body: `x${'ä'.repeat(200_000)}` });
    const message = snsAccount.messages()[0]?.message ?? '';
    expect(message).toMatch(/^xä+\.\.\.\n\nCertificate: shop\nMessage: issued-1\n$/);
    expect(Buffer.byteLength(message)).toBeGreaterThan(249_000);
  });

  it('fails as transient when SNS denies it, and its event is put all the same [L18]', async () => {
    const { alerts, busAccount } = setUp({ topic: refusing('AuthorizationErrorException', 403) });
    await expect(alerts.publish(MESSAGE)).rejects.toEqual(transient('AuthorizationErrorException'));
    expect(busAccount.events()).toHaveLength(1);
  });

  it('fails as transient when the bus fails, and people are told all the same', async () => {
    const { alerts, snsAccount } = setUp({ bus: refusing('InternalException', 500) });
    await expect(alerts.publish(MESSAGE)).rejects.toEqual(transient('InternalException'));
    expect(snsAccount.messages()).toHaveLength(1);
  });

  it('fails as transient when the bus answers 200 but refuses the entry', async () => {
    const Entries = [{ ErrorCode: 'InternalFailure', ErrorMessage: 'told so' }];
    const { alerts } = setUp({ bus: answering({ FailedEntryCount: 1, Entries }) });
    await expect(alerts.publish({ ...MESSAGE, notify: false })).rejects.toEqual(transient('InternalFailure'));
  });
});
