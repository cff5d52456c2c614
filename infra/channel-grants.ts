import type { Construct } from 'constructs';
import type { ChannelParts } from './channels.ts';
import { type Grant, grant } from './grant.ts';
import { secretArn } from './targets/secrets-manager.ts';

/**
 * To empty the channels' queues, to give messages up, and to read the channels' secrets. Topics grant themselves.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export function channelGrants(scope: Construct, channels: readonly ChannelParts[]): readonly Grant[] {
  if (channels.length === 0) return [];
  const secrets = channels.flatMap(({ declaration }) => ('secretName' in declaration ? [declaration.secretName] : []));
  const read = [...new Set(secrets)].sort().map((name) => secretArn(scope, name));
  return [
    grant(
      'sqs',
      ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes', 'ChangeMessageVisibility'],
      channels.map(({ queue }) => queue.queueArn),
    ),
    grant(
      'sqs',
      ['SendMessage'],
      channels.map(({ deadLetters }) => deadLetters.queueArn),
    ),
    ...(read.length > 0 ? [grant('secretsmanager', ['GetSecretValue'], read)] : []),
  ];
}
