import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { expect } from 'vitest';
import { createAlerts } from '../../../lambdas/alerts/alerts.ts';
import { contract, type Judge } from '../../support/contract.ts';
import { MESSAGE } from './message.ts';

/** What has arrived at those who listen, in any order. */
export type Told = {
  readonly messages: readonly { readonly subject: string | undefined; readonly message: string }[];
  readonly events: readonly { readonly source: string; readonly detailType: string; readonly detail: unknown }[];
};

/** Who plays SNS and EventBridge, with a topic and with listeners. */
export type AlertsBench = {
  readonly sns: SNSClient;
  readonly eventBridge: EventBridgeClient;
  readonly topicArn: string;
  /** Waits until so many have arrived, or fails. */
  readonly told: (messages: number, events: number) => Promise<Told>;
};

/** What the alerts promise, and what they rely on, whoever plays SNS and EventBridge. */
export function alertsContract(judge: Judge, open: () => Promise<AlertsBench>): void {
  const setUp = async () => {
    const bench = await open();
    return { ...bench, alerts: createAlerts(bench) };
  };

  contract('The alerts', judge, (it) => {
    it('tells machines by an event and people by a message', async () => {
      const { alerts, told } = await setUp();
      await alerts.publish(MESSAGE);
      const { messages, events } = await told(1, 1);
      expect(messages).toEqual([
        {
          subject: 'shop has its first certificate',
          message: 'It is served until February.\n\nCertificate: shop\nMessage: issued-1\n',
        },
      ]);
      const { id, certificate, at, subject, notify, body, detail } = MESSAGE;
      expect(events).toEqual([
        {
          source: 'perennial',
          detailType: 'certificate.issued',
          detail: { ...detail, schema: 1, id, certificate, at, subject, notify, body },
        },
      ]);
    });

    it('tells nobody but machines what people need not know', async () => {
      const { alerts, told } = await setUp();
      await alerts.publish({ ...MESSAGE, notify: false });
      await alerts.publish(MESSAGE);
      const { messages, events } = await told(1, 2);
      expect([messages.length, events.length]).toEqual([1, 2]);
    });

    it('has a subject that SNS takes, whatever the message’s is', async () => {
      const { alerts, told } = await setUp();
      await alerts.publish({ ...MESSAGE, subject: `Für\r\n alle 例え.test ${'x'.repeat(200)}` });
      const [message] = (await told(1, 1)).messages;
      expect(message?.subject).toMatch(/^Fur {1,2}alle \?\.test x+\.\.\.$/);
      expect(message?.subject).toHaveLength(99);
    });

    it('has a body that SNS takes, however long the message’s is', async () => {
      const { alerts, told } = await setUp();
      await alerts.publish({ ...MESSAGE, body: `x${'ä'.repeat(200_000)}` });
      const [message] = (await told(1, 1)).messages;
      expect(message?.message).toMatch(/^xä+\.\.\.\n\nCertificate: shop\nMessage: issued-1\n$/);
    });

    it('fails as transient where the topic is gone, and machines are told all the same', async () => {
      const bench = await setUp();
      const alerts = createAlerts({ ...bench, topicArn: `${bench.topicArn}-gone` });
      await expect(alerts.publish(MESSAGE)).rejects.toMatchObject({
        detail: { class: 'transient', code: 'NotFoundException' },
      });
      expect((await bench.told(0, 1)).events).toHaveLength(1);
    });

    for (const [what, Subject] of REFUSED_SUBJECTS) {
      it(`needs SNS to refuse a subject ${what}`, async () => {
        const { sns, topicArn: TopicArn } = await setUp();
        const refused = sns.send(new PublishCommand({ TopicArn, Subject, Message: 'text' }));
        await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterException' });
      });
    }

    it('needs SNS to refuse a message of more than 262,144 bytes', async () => {
      const { sns, topicArn: TopicArn } = await setUp();
      const refused = sns.send(new PublishCommand({ TopicArn, Message: 'x'.repeat(262_145) }));
      await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterException' });
    });

    for (const [what, entry, ErrorCode] of REFUSED_EVENTS) {
      it(`needs EventBridge to refuse an event ${what} in its answer, and no other for its sake`, async () => {
        const { eventBridge, told } = await setUp();
        const good = { Source: 'perennial', DetailType: 'good', Detail: '{}' };
        const put = new PutEventsCommand({ Entries: [{ ...good, ...entry }, good] });
        const { FailedEntryCount, Entries } = await eventBridge.send(put);
        expect([FailedEntryCount, Entries?.[0]?.ErrorCode, Entries?.[1]?.ErrorCode]).toEqual([1, ErrorCode, undefined]);
        expect((await told(0, 1)).events).toHaveLength(1);
      });
    }
  });
}

// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
const REFUSED_SUBJECTS = [
  ['with a line break', 'one\ntwo'],
  ['beyond ASCII', 'für'],
  ['of 100 characters', 'x'.repeat(100)],
] as const;

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
const REFUSED_EVENTS = [
  ['whose detail is no JSON', { Detail: 'text' }, 'MalformedDetail'],
  ['that pretends to be AWS’s', { Source: 'aws.acm' }, 'NotAuthorizedForSourceException'],
] as const;
