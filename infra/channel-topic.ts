import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/**
 * The topic of a channel of Amazon Q Developer, whose messages have a form of their own. Encrypted by the key of the alerts;
 * the service is a subscriber and needs no key.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export function createChannelTopic(scope: Construct, alerts: Topic): Topic {
  const masterKey: IKey | undefined = alerts.masterKey;
  return new Topic(scope, 'Topic', {
    displayName: 'Perennial for Amazon Q',
    enforceSSL: true,
    ...(masterKey && { masterKey }),
  });
}
