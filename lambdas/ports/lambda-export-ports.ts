import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createHttpsSend } from '../acme/http.ts';
import type { PushPorts } from '../steps/ports.ts';
import type { Undated } from './base-ports.ts';
import { buildExportPorts } from './export-ports.ts';
import { lambdaPushParts } from './lambda-push-parts.ts';
import { targetClients } from './target-clients.ts';

/** The ports of PushTarget for Secrets Manager, S3 and webhooks, from the Lambda's environment. */
export function lambdaExportPorts(): Undated<PushPorts> {
  return buildExportPorts({
    ...lambdaPushParts(),
    secretsManager: new SecretsManagerClient({}),
    secretsManagerFor: targetClients((settings) => new SecretsManagerClient(settings)),
    s3For: targetClients((settings) => new S3Client(settings)),
    webhookSend: createHttpsSend().send,
  });
}
