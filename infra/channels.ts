import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENDS } from '../lambdas/core/alert-thread.ts';
import type { ChannelDeclaration } from '../lambdas/core/channel-declaration.ts';
import { EVENT_SOURCE } from '../lambdas/core/event-names.ts';
import { TIMEOUTS } from '../lambdas/core/timeouts.ts';
import { createChannelTopic } from './channel-topic.ts';

/** What one channel has for itself. */
export type ChannelParts = {
  readonly declaration: ChannelDeclaration;
  readonly queue: Queue;
  readonly deadLetters: Queue;
  /** Of a channel of Amazon Q. */
  readonly topic?: Topic;
};

/**
 * AWS advises six times the Lambda's time.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const HIDDEN_SECONDS = 6 * TIMEOUTS.lambda;

/** DeliverAlert gives a message up itself, with a reason; this is for one at which it dies every time. */
const MOST_RECEIVES = 50;

/** One message at a time and in order: the end of a trouble must not overtake its beginning. */
const GROUP = 'alerts';

/** The queues of the channels, each with its dead letters, and the topics of those that have one. */
export function createChannels(
  parent: Construct,
  declarations: readonly ChannelDeclaration[],
  alerts: Topic,
): readonly ChannelParts[] {
  const scope = new Construct(parent, 'Channels');
  return declarations.map((declaration) => {
    const own = new Construct(scope, declaration.name);
    const common = {
      fifo: true,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    };
    const deadLetters = new Queue(own, 'DeadLetters', common);
    const queue = new Queue(own, 'Queue', {
      ...common,
      // The id of a message is in its body, so one that is told twice within five minutes is queued once.
      contentBasedDeduplication: true,
      visibilityTimeout: Duration.seconds(HIDDEN_SECONDS),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: MOST_RECEIVES },
    });
    const topic = declaration.type === 'amazon-q' ? createChannelTopic(own, alerts) : undefined;
    return { declaration, queue, deadLetters, ...(topic && { topic }) };
  });
}

/** Fills each channel's queue with what people are told, and has DeliverAlert empty it. */
export function connectChannels(channels: readonly ChannelParts[], alerts: Topic, deliver: IFunction): void {
  for (const { declaration, queue } of channels) {
    const own = queue.node.scope ?? queue;
    ruleInto(own, 'Rule', queue, declaration, alerts, { detail: { notify: [true] } });
    // An incident must end even where people are told of its end otherwise.
    if (declaration.type === 'pagerduty')
      ruleInto(own, 'Ends', queue, declaration, alerts, { detailType: [...ENDS], detail: { notify: [false] } });
    new EventSourceMapping(own, 'Source', {
      target: deliver,
      eventSourceArn: queue.queueArn,
      batchSize: 1,
      reportBatchItemFailures: true,
    });
  }
}

/** Has the channels tell alarms, too: they begin and end as troubles do. */
export function connectAlarms(channels: readonly ChannelParts[], alarms: readonly Alarm[], alerts: Topic): void {
  for (const { declaration, queue } of channels) {
    const own = queue.node.scope ?? queue;
    alarmRule(own, 'AlarmRule', queue, declaration, alarms, alerts, 'alarm.began');
    alarmRule(own, 'AlarmEnds', queue, declaration, alarms, alerts, 'alarm.over');
  }
}

function alarmRule(
  scope: Construct,
  id: string,
  queue: Queue,
  { name }: ChannelDeclaration,
  alarms: readonly Alarm[],
  alerts: Topic,
  event: 'alarm.began' | 'alarm.over',
): void {
  const isOver = event === 'alarm.over';
  const alarm = EventField.fromPath('$.detail.alarmName');
  const message = RuleTargetInput.fromObject({
    channel: name,
    event,
    topicArn: alerts.topicArn,
    message: {
      id: EventField.eventId,
      certificate: alarm,
      at: EventField.time,
      subject: isOver ? `Perennial: the alarm ${alarm} is over` : `Perennial: alarm ${alarm}`,
      body: EventField.fromPath('$.detail.configuration.description'),
    },
  });
  new Rule(scope, id, {
    description: `Alarms for the channel ${name}`,
    eventPattern: {
      source: ['aws.cloudwatch'],
      detailType: ['CloudWatch Alarm State Change'],
      resources: alarms.map(({ alarmArn }) => alarmArn),
      // A new alarm that is well says so, too; only after it has alarmed is that news.
      detail: isOver
        ? { state: { value: ['OK'] }, previousState: { value: ['ALARM'] } }
        : { state: { value: ['ALARM'] } },
    },
    targets: [new SqsQueue(queue, { message, messageGroupId: GROUP })],
  });
}

/** Which of the stack's events. */
type Which = { readonly detailType?: string[]; readonly detail: { readonly notify: readonly boolean[] } };

/** Two stacks of one account share the bus; the topic as resource tells their events apart. */
function ruleInto(
  scope: Construct,
  id: string,
  queue: Queue,
  { name }: ChannelDeclaration,
  alerts: Topic,
  which: Which,
): void {
  const input = RuleTargetInput.fromObject({
    channel: name,
    event: EventField.detailType,
    topicArn: alerts.topicArn,
    message: EventField.fromPath('$.detail'),
  });
  new Rule(scope, id, {
    description: `Alerts for the channel ${name}`,
    eventPattern: { source: [EVENT_SOURCE], resources: [alerts.topicArn], ...which },
    targets: [new SqsQueue(queue, { message: input, messageGroupId: GROUP })],
  });
}

/** What DeliverAlert is told of the channels, as JSON. */
export function channelsEnvironment(scope: Construct, channels: readonly ChannelParts[]): Record<string, string> {
  if (channels.length === 0) return {};
  const told = channels.map(({ declaration, deadLetters, topic }) => ({
    ...declaration,
    deadLetterUrl: deadLetters.queueUrl,
    ...(topic && { topicArn: topic.topicArn }),
  }));
  return { CHANNELS: Stack.of(scope).toJsonString(told) };
}

/** What people's tools are told of the channels, as JSON: by name where each has its messages, and those it has not taken. */
export function channelsOutput(scope: Construct, channels: readonly ChannelParts[]): string {
  const told = channels.map(({ declaration, queue, deadLetters }) => [
    declaration.name,
    { queueArn: queue.queueArn, deadLettersUrl: deadLetters.queueUrl },
  ]);
  return Stack.of(scope).toJsonString(Object.fromEntries(told));
}
