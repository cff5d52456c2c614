import { KMSClient } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createHttpsSend } from '../acme/http.ts';
import type { OrderPorts } from '../steps/ports.ts';
import type { Undated } from './base-ports.ts';
import { requireEnv } from './environment.ts';
import { lambdaDns } from './lambda-dns.ts';
import { lambdaRunParts } from './lambda-run-parts.ts';
import { buildOrderPorts } from './order-ports.ts';

/** The ports of the order steps, from the Lambda's environment. */
export function lambdaOrderPorts(): Undated<OrderPorts> {
  const { send } = createHttpsSend();
  return buildOrderPorts({
    ...lambdaRunParts(),
    ...lambdaDns(),
    kms: new KMSClient({}),
    keyArn: requireEnv('KEY_ARN'),
    secretsManager: new SecretsManagerClient({}),
    send,
  });
}
