import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createHttpsSend } from '../acme/http.ts';
import type { DeployedChannel } from '../core/channel-declaration.ts';
import type { DeliveryPorts } from '../steps/deliver-alert.ts';
import { systemClock } from './clock.ts';
import { buildDeliveryPorts } from './delivery-ports.ts';
import { jsonEnv } from './environment.ts';
import { lambdaLog } from './lambda-log.ts';
import { publicLookup } from './public-lookup.ts';

/** The ports of DeliverAlert, from the Lambda's environment. */
export function lambdaDeliveryPorts(): DeliveryPorts {
  return buildDeliveryPorts({
    channels: (jsonEnv('CHANNELS') ?? []) as readonly DeployedChannel[],
    secretsManager: new SecretsManagerClient({}),
    sns: new SNSClient({}),
    sqs: new SQSClient({}),
    channelSend: createHttpsSend(publicLookup).send,
    clock: systemClock,
    log: lambdaLog(),
  });
}
