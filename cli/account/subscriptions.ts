import type { SNSClient } from '@aws-sdk/client-sns';
import { listSubscriptions } from '../../lambdas/alerts/subscriptions.ts';

/** Who is subscribed to a topic. Only what is confirmed is delivered anything. */
export type TopicSubscription = {
  readonly protocol: string;
  readonly endpoint: string;
  readonly state: 'confirmed' | 'not confirmed';
};

/** All subscriptions of a topic, as commands show them. */
export async function subscriptionsOf(client: SNSClient, topicArn: string): Promise<readonly TopicSubscription[]> {
  const found = await listSubscriptions(client, topicArn);
  return found.map(({ protocol, endpoint, confirmed: isConfirmed }) => ({
    protocol,
    endpoint,
    state: isConfirmed ? 'confirmed' : 'not confirmed',
  }));
}

/** Whether messages reach it. */
export function confirmed({ state }: TopicSubscription): boolean {
  return state === 'confirmed';
}
