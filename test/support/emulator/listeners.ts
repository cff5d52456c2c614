import { setTimeout as pause } from 'node:timers/promises';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import type { AlertsBench, Told } from '../../lambdas/alerts/alerts-contract.ts';
import { callSqs, type EmulatorSettings } from './raw-call.ts';

const ARRIVAL_DEADLINE_MS = 10_000;
const POLL_MS = 50;

let benches = 0;

/** A topic with a queue behind it, and a queue behind a rule for our events on the default bus. */
export async function listen(settings: EmulatorSettings): Promise<AlertsBench> {
  benches += 1;
  const name = `contract-${process.pid}-${benches}`;
  const [sns, eventBridge] = [new SNSClient(settings), new EventBridgeClient(settings)];
  const [heard, seen] = [await makeQueue(settings, `${name}-topic`), await makeQueue(settings, `${name}-bus`)];
  const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: name }));
  await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: heard.arn }));
  await eventBridge.send(new PutRuleCommand({ Name: name, EventPattern: '{"source":["perennial"]}' }));
  await eventBridge.send(new PutTargetsCommand({ Rule: name, Targets: [{ Id: 'queue', Arn: seen.arn }] }));
  return {
    sns,
    eventBridge,
    topicArn,
    told: async (messages, events) => ({
      messages: (await heard.receive(messages)).map(messageOf),
      events: (await seen.receive(events)).map(eventOf),
    }),
  };
}

type Queue = { readonly arn: string; readonly receive: (count: number) => Promise<readonly unknown[]> };

async function makeQueue(settings: EmulatorSettings, QueueName: string): Promise<Queue> {
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' }];
  const Attributes = { Policy: JSON.stringify({ Version: '2012-10-17', Statement }) };
  const QueueUrl = textAt(await callSqs(settings, 'CreateQueue', { QueueName, Attributes }), 'QueueUrl');
  const answer = await callSqs(settings, 'GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
  const bodies: unknown[] = [];
  const receiveSome = async () => {
    const received = await callSqs(settings, 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
    const messages = valueAt(received, 'Messages');
    for (const message of Array.isArray(messages) ? messages : []) bodies.push(JSON.parse(textAt(message, 'Body')));
  };
  return {
    arn: textAt(valueAt(answer, 'Attributes'), 'QueueArn'),
    receive: async (count) => {
      const giveUpAt = Date.now() + ARRIVAL_DEADLINE_MS;
      await receiveSome();
      while (bodies.length < count) {
        if (Date.now() > giveUpAt) throw new Error(`${bodies.length} of ${count} have arrived in ${QueueName}`);
        await pause(POLL_MS);
        await receiveSome();
      }
      return bodies;
    },
  };
}

function messageOf(body: unknown): Told['messages'][number] {
  const subject = valueAt(body, 'Subject');
  return { subject: typeof subject === 'string' ? subject : undefined, message: textAt(body, 'Message') };
}

function eventOf(body: unknown): Told['events'][number] {
  return {
    source: textAt(body, 'source'),
    detailType: textAt(body, 'detail-type'),
    detail: valueAt(body, 'detail'),
  };
}

function valueAt(object: unknown, field: string): unknown {
  return typeof object === 'object' && object !== null ? Reflect.get(object, field) : undefined;
}

function textAt(object: unknown, field: string): string {
  const value = valueAt(object, field);
  if (typeof value === 'string') return value;
  throw new Error(`no ${field} in ${JSON.stringify(object)}`);
}
