import { ListSubscriptionsByTopicCommand, type SNSClient } from '@aws-sdk/client-sns';

/** Who is subscribed to a topic. Only what is confirmed is delivered anything. */
export type TopicSubscription = {
  readonly protocol: string;
  readonly endpoint: string;
  readonly state: 'confirmed' | 'not confirmed';
};

/** All subscriptions of a topic. What is not confirmed has no ARN. https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html */
export async function listSubscriptions(client: SNSClient, topicArn: string): Promise<readonly TopicSubscription[]> {
  const found: TopicSubscription[] = [];
  let token: string | undefined;
  do {
    const command = new ListSubscriptionsByTopicCommand({
      TopicArn: topicArn,
      ...(token !== undefined && { NextToken: token }),
    });
    const { Subscriptions = [], NextToken } = await client.send(command);
    for (const { Protocol = '', Endpoint = '', SubscriptionArn = '' } of Subscriptions)
      if (SubscriptionArn !== 'Deleted')
        found.push({ protocol: Protocol, endpoint: Endpoint, state: stateOf(SubscriptionArn) });
    token = NextToken;
  } while (token !== undefined);
  return found;
}

/** Whether messages reach it. */
export function confirmed({ state }: TopicSubscription): boolean {
  return state === 'confirmed';
}

function stateOf(arn: string): TopicSubscription['state'] {
  return arn.startsWith('arn:') ? 'confirmed' : 'not confirmed';
}
