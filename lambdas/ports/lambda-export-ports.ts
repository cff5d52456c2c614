import type { PushPorts } from '../steps/ports.ts';
import type { Undated } from './base-ports.ts';
import { lambdaPushParts } from './lambda-push-parts.ts';
import { buildPushPorts } from './push-ports.ts';

/** The ports of PushTarget for Secrets Manager, S3 and webhooks, from the Lambda's environment. */
export function lambdaExportPorts(): Undated<PushPorts> {
  return buildPushPorts(lambdaPushParts(), {});
}
