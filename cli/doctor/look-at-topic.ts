import { confirmed, subscriptionsOf } from '../account/subscriptions.ts';
import type { Examine } from './check.ts';

/** Whether anybody would hear of a failure. */
export const lookAtTopic: Examine = async ({ clients }, { places }) => {
  const subscriptions = await subscriptionsOf(clients.sns, places.topicArn);
  const open = subscriptions.filter((one) => !confirmed(one)).map(({ endpoint }) => endpoint);
  const message = `${subscriptions.length - open.length} of ${subscriptions.length} subscription(s) are confirmed`;
  if (subscriptions.length === 0)
    return {
      name: 'alerts',
      ok: false,
      message: 'nobody is subscribed',
      remedy: 'Put an address into `alerts` of the configuration and deploy.',
    };
  if (open.length === 0) return { name: 'alerts', ok: true, message };
  return {
    name: 'alerts',
    ok: false,
    message: `${message}; not confirmed: ${open.join(', ')}`,
    remedy: 'Open the link that AWS has mailed; a link is good for two days, then subscribe once more.',
  };
};
