import type { Command } from 'commander';
import { createAlerts } from '../../lambdas/alerts/alerts.ts';
import { alertsTestMessage } from '../../lambdas/core/messages.ts';
import { confirmed, subscriptionsOf, type TopicSubscription } from '../account/subscriptions.ts';
import { type Desk, openAccount } from '../desk.ts';
import type { Outcome } from '../outcome.ts';
import { columns } from '../output/columns.ts';
import type { RunCommand } from '../run-command.ts';

/** Adds `perennial alerts test`. */
export function addAlertsTest(program: Command, run: RunCommand): void {
  const alerts = program.command('alerts').description('the messages that people get');
  run(alerts.command('test').description('send one message to everybody who is subscribed'), alertsTest);
}

/** Sends one message the way that every alert goes. Exit code 1 where nobody has confirmed. */
export async function alertsTest(desk: Desk): Promise<Outcome> {
  const { places } = await openAccount(desk);
  const { clients, clock, newId } = desk;
  const { topicArn } = places;
  const subscriptions = await subscriptionsOf(clients.sns, topicArn);
  const message = alertsTestMessage(places.name, newId(), clock.now());
  await createAlerts({ ...clients, topicArn }).publish(message);
  const reached = subscriptions.filter(confirmed).length;
  return {
    exitCode: reached > 0 ? 0 : 1,
    data: { sent: message.id, topicArn, subscriptions },
    lines: (paint) => [
      `Sent ${message.id} to ${topicArn} and the default event bus.`,
      ...columns(subscriptions.map((one) => rowOf(one, paint))),
      reached > 0
        ? `It reaches ${reached} of ${subscriptions.length} subscription(s).`
        : 'It reaches nobody. Put an address into alerts of the configuration and deploy, or confirm by the link that AWS has mailed.',
    ],
  };
}

function rowOf(
  { protocol, endpoint, state }: TopicSubscription,
  paint: { green(text: string): string; red(text: string): string },
) {
  return [`  ${protocol}`, endpoint, { text: state, paint: state === 'confirmed' ? paint.green : paint.red }];
}
