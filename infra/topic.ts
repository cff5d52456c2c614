import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { AlertSubscriptions } from './config/resolved.ts';

const PROTOCOLS = {
  email: SubscriptionProtocol.EMAIL,
  https: SubscriptionProtocol.HTTPS,
  sqs: SubscriptionProtocol.SQS,
} as const;

/**
 * The topic that people subscribe to, encrypted by a key of its own that publishers are granted with the topic: the Lambdas,
 * and alarms and event rules of this account.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export function createTopic(scope: Construct, alerts: AlertSubscriptions): Topic {
  const masterKey = new Key(scope, 'TopicKey', {
    description: 'Encrypts the alerts of Perennial',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const topic = new Topic(scope, 'Topic', { displayName: 'Perennial', masterKey, enforceSSL: true });
  admitServices(topic, masterKey);
  for (const [kind, protocol] of Object.entries(PROTOCOLS)) {
    for (const endpoint of alerts[kind as keyof typeof PROTOCOLS]) {
      new Subscription(topic, `${kind}:${endpoint.replaceAll('/', '|')}`, { topic, protocol, endpoint });
    }
  }
  return topic;
}

/**
 * CloudWatch says for which account and alarm it publishes; EventBridge says neither of encrypted topics, so its statement has
 * no condition. A key or topic that lacks these drops the messages without a word.
 */
function admitServices(topic: Topic, masterKey: Key): void {
  const stack = Stack.of(topic);
  const alarms = stack.formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const ofOurAlarms = {
    StringEquals: { 'aws:SourceAccount': stack.account },
    ArnLike: { 'aws:SourceArn': alarms },
  };
  const admitted = [
    [new ServicePrincipal('cloudwatch.amazonaws.com'), ofOurAlarms],
    [new ServicePrincipal('events.amazonaws.com'), undefined],
  ] as const;
  for (const [principal, conditions] of admitted) {
    const common = { principals: [principal], ...(conditions && { conditions }) };
    topic.addToResourcePolicy(
      new PolicyStatement({ ...common, actions: ['sns:Publish'], resources: [topic.topicArn] }),
    );
    masterKey.addToResourcePolicy(
      new PolicyStatement({ ...common, actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'] }),
    );
  }
}
