import { RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { AlertSubscriptions } from './config/resolved.ts';

const PROTOCOLS = {
  email: SubscriptionProtocol.EMAIL,
  https: SubscriptionProtocol.HTTPS,
  sqs: SubscriptionProtocol.SQS,
} as const;

/** The topic that people subscribe to, encrypted by a key of its own that publishers are granted with the topic. */
export function createTopic(scope: Construct, alerts: AlertSubscriptions): Topic {
  const masterKey = new Key(scope, 'TopicKey', {
    description: 'Encrypts the alerts of Perennial',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const topic = new Topic(scope, 'Topic', { displayName: 'Perennial', masterKey, enforceSSL: true });
  for (const [kind, protocol] of Object.entries(PROTOCOLS)) {
    for (const endpoint of alerts[kind as keyof AlertSubscriptions]) {
      new Subscription(topic, `${kind}:${endpoint.replaceAll('/', '|')}`, { topic, protocol, endpoint });
    }
  }
  return topic;
}
