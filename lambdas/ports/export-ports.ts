import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { S3Target, SecretsManagerTarget } from '../core/target-declaration.ts';
import { createSecrets } from '../keys/secrets.ts';
import type { PushPorts } from '../steps/ports.ts';
import { createS3Driver } from '../targets/s3.ts';
import { createSecretsManagerDriver } from '../targets/secrets-manager.ts';
import { createWebhookDriver, type WebhookSend } from '../targets/webhook.ts';
import type { Undated } from './base-ports.ts';
import type { PushParts } from './push-ports.ts';
import { buildPushPorts } from './push-ports.ts';

export type ExportParts = PushParts & {
  /** Of the stack's own account and region: what webhooks are signed by. */
  readonly secretsManager: SecretsManagerClient;
  readonly secretsManagerFor: (target: SecretsManagerTarget) => SecretsManagerClient;
  readonly s3For: (target: S3Target) => S3Client;
  readonly webhookSend: WebhookSend;
};

/** Builds the ports of PushTarget for what servers of the user's own read or are told. */
export function buildExportPorts(parts: ExportParts): Undated<PushPorts> {
  const { clock, tableName, secretsManager, secretsManagerFor, s3For, webhookSend } = parts;
  return buildPushPorts(parts, {
    'secrets-manager': createSecretsManagerDriver({ clientFor: secretsManagerFor, table: tableName }),
    s3: createS3Driver({ clientFor: s3For }),
    webhook: createWebhookDriver({ secrets: createSecrets(secretsManager), send: webhookSend, clock }),
  });
}
