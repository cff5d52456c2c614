import { KMSClient } from '@aws-sdk/client-kms';
import { requireEnv } from './environment.ts';
import { lambdaParts } from './lambda-parts.ts';
import type { PushParts } from './push-ports.ts';

/** What every push Lambda is built from. */
export function lambdaPushParts(): PushParts {
  return { ...lambdaParts(), kms: new KMSClient({}), keyArn: requireEnv('KEY_ARN') };
}
