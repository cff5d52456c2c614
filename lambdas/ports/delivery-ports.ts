import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { createAlertQueue } from '../alerts/alert-queue.ts';
import { createCachedSecrets } from '../alerts/cached-secrets.ts';
import { createAmazonQ } from '../alerts/channels/amazon-q.ts';
import type { ChannelSend } from '../alerts/channels/channel.ts';
import { createHttpDelivery } from '../alerts/channels/http-delivery.ts';
import type { DeployedChannel } from '../core/channel-declaration.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/ports.ts';
import { createSecrets } from '../keys/secrets.ts';
import type { DeliveryPorts } from '../steps/deliver-alert.ts';

export type DeliveryParts = {
  readonly channels: readonly DeployedChannel[];
  readonly secretsManager: SecretsManagerClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly channelSend: ChannelSend;
  readonly clock: Clock;
  readonly log: Log;
};

/** Builds the ports of DeliverAlert. */
export function buildDeliveryPorts({
  channels,
  secretsManager,
  sns,
  sqs,
  channelSend,
  clock,
  log,
}: DeliveryParts): DeliveryPorts {
  const secrets = createCachedSecrets(createSecrets(secretsManager), clock);
  const parts = { secrets, send: channelSend, clock };
  const entries = channels.map((declared) => {
    const channel =
      declared.type === 'amazon-q' ? createAmazonQ(sns, declared.topicArn) : createHttpDelivery(parts, declared);
    return [declared.name, { channel, queue: createAlertQueue(sqs, declared.deadLetterUrl) }] as const;
  });
  return { channels: Object.fromEntries(entries), clock, log };
}
