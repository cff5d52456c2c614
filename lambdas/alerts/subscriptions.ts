import { paginateListSubscriptionsByTopic, type SNSClient } from '@aws-sdk/client-sns';
import type { Subscription } from '../core/watch-messages.ts';

/**
 * All subscriptions of a topic. SNS names no ARN before one is confirmed, and no endpoint is told by one that was deleted.
 * https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
 */
export async function listSubscriptions(client: SNSClient, topicArn: string): Promise<readonly Subscription[]> {
  const found: Subscription[] = [];
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn: topicArn }))
    for (const { Protocol = '', Endpoint = '', SubscriptionArn = '' } of Subscriptions)
      if (SubscriptionArn !== 'Deleted')
        found.push({ protocol: Protocol, endpoint: Endpoint, confirmed: SubscriptionArn.startsWith('arn:') });
  return found;
}
