import { readFileSync } from 'node:fs';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPython } from '../../local/peers/python.ts';
import type { DeployedStack } from './support/deployed-stack.ts';
import { type DeployedWorld, startWorld } from './support/deployed-world.ts';
import { type Posted, type Subscriber, subscribeHttp } from './support/subscriber.ts';

const MINUTES = 60_000;
const DOCS = readFileSync(new URL('../../docs/alerts.md', import.meta.url), 'utf8');

describe.runIf((await findPython()) !== undefined)(
  'alerts in an account whose roles, topic and key are enforced',
  () => {
    let world: DeployedWorld;
    let stack: DeployedStack;
    let endpoint: Subscriber;
    let sqs: SQSClient;
    const queues: Record<'told' | 'events', string> = { told: '', events: '' };
    const inQueue: Record<'told' | 'events', Record<string, unknown>[]> = { told: [], events: [] };

    beforeAll(async () => {
      world = await startWorld();
      const { client } = world.ground.ministack;
      sqs = new SQSClient(client);
      for (const name of ['told', 'events'] as const)
        queues[name] =
          (await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: admitting(name) }))).QueueUrl ?? '';
      await ruleInto('events');
      await world.person('Alerts').types('npx cdk bootstrap');
      stack = await world.deploy('Alerts', { alerts });
      endpoint = await subscribeHttp(new SNSClient(client), stack.outputs.TopicArn ?? '');
    }, 10 * MINUTES);

    afterAll(async () => {
      await endpoint?.stop();
      await world?.stop();
    }, MINUTES);

    const alerts = { email: ['operations@perennial.test'], sqs: ['arn:aws:sqs:us-east-1:000000000000:told'] };
    const arnOf = (queue: string) => `arn:aws:sqs:us-east-1:000000000000:${queue}`;

    async function ruleInto(queue: string): Promise<void> {
      const events = new EventBridgeClient(world.ground.ministack.client);
      await events.send(new PutRuleCommand({ Name: 'facts', EventPattern: JSON.stringify({ source: ['perennial'] }) }));
      await events.send(new PutTargetsCommand({ Rule: 'facts', Targets: [{ Id: 'queue', Arn: arnOf(queue) }] }));
    }

    async function receive(name: 'told' | 'events'): Promise<readonly Record<string, unknown>[]> {
      const QueueUrl = queues[name];
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      for (const { Body = '{}', ReceiptHandle } of Messages) {
        inQueue[name].push(JSON.parse(Body));
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
      return inQueue[name];
    }

    /** Until the endpoint, the queue of the topic and the user's own rule have all got it. */
    async function toldEverywhere(subject: RegExp, event: string): Promise<Posted> {
      const posted = await stack.until(`${subject} is posted`, async () =>
        endpoint.got.find(({ Subject }) => subject.test(Subject ?? '')),
      );
      await stack.until(`${subject} is queued`, async () =>
        (await receive('told')).some(({ Subject }) => subject.test(String(Subject))),
      );
      await stack.until(`${event} is an event`, async () =>
        (await receive('events')).some((each) => each['detail-type'] === event),
      );
      return posted;
    }

    it(
      'tell of a renewal that fails, once, and that it has recovered',
      async () => {
        const fault = { kind: 'answer', status: 503 } as const;
        const broken = world.ca.faults.add({ endpoint: 'directory', fault, times: Number.POSITIVE_INFINITY });
        await world.deploy('Alerts', { alerts, certificates: [world.certificate('site', 'www.garden.test')] });
        const failing = await toldEverywhere(/site: renewal fails/, 'certificate.failing');
        expect(DOCS).toContain(withoutTimes(failing.Message));
        broken.remove();
        await stack.until('site is issued', async () => {
          await stack.sweep();
          return (await stack.role('site')).version;
        });
        const recovered = await toldEverywhere(/site has recovered/, 'certificate.recovered');
        expect(DOCS).toContain(withoutTimes(recovered.Message));
        expect(endpoint.got.filter(({ Subject }) => /renewal fails/.test(Subject ?? ''))).toHaveLength(1);
      },
      6 * MINUTES,
    );

    it(
      'tell of an execution that somebody has stopped, which no Catch has seen',
      async () => {
        await stack.proven('site');
        world.ca.faults.add({ endpoint: 'newOrder', fault: { kind: 'delay', ms: 15_000 } });
        const executionArn = await stack.renew('site');
        await stack.sfn.send(new StopExecutionCommand({ executionArn, cause: 'by a person' }));
        const stopped = await toldEverywhere(/site: renewal fails \(Execution\.ABORTED\)/, 'certificate.failing');
        expect(DOCS).toContain(withoutTimes(stopped.Message));
      },
      6 * MINUTES,
    );
  },
);

/** The owner of a queue has to let SNS and EventBridge in. */
function admitting(queue: string): { readonly Policy: string } {
  const Statement = {
    Effect: 'Allow',
    Principal: { Service: ['sns.amazonaws.com', 'events.amazonaws.com'] },
    Action: 'sqs:SendMessage',
    Resource: `arn:aws:sqs:us-east-1:000000000000:${queue}`,
  };
  return { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [Statement] }) };
}

/** Instants and ids differ from run to run. */
function withoutTimes(message: string): string {
  return message
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2027-01-01T00:00:00.000Z')
    .replace(/failed \d+ time/, 'failed 3 time')
    .replace(/Message: \w+/, 'Message: 0123456789abcdef01234567')
    .replace(/https:\/\/127\.0\.0\.1:\d+/g, 'https://ca.example')
    .trim();
}
