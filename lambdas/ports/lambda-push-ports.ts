import { ACMClient } from '@aws-sdk/client-acm';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { KMSClient } from '@aws-sdk/client-kms';
import { SSMClient } from '@aws-sdk/client-ssm';
import { CLOUDFRONT_REGION } from '../core/target-declaration.ts';
import type { PushPorts } from '../steps/ports.ts';
import { ACM_CLIENT_SETTINGS } from '../targets/acm.ts';
import type { Undated } from './base-ports.ts';
import { requireEnv } from './environment.ts';
import { lambdaParts } from './lambda-parts.ts';
import { buildPushPorts } from './push-ports.ts';

/** The ports of PushTarget, from the Lambda's environment. */
export function lambdaPushPorts(): Undated<PushPorts> {
  const acmIn = (region: string | undefined): ACMClient =>
    new ACMClient({ ...ACM_CLIENT_SETTINGS, ...(region === undefined ? {} : { region }) });
  return buildPushPorts({
    ...lambdaParts(),
    kms: new KMSClient({}),
    keyArn: requireEnv('KEY_ARN'),
    acmIn,
    cloudFront: new CloudFrontClient({ region: CLOUDFRONT_REGION }),
    ssm: new SSMClient({}),
    parameterPrefix: requireEnv('PARAMETER_PREFIX'),
  });
}
