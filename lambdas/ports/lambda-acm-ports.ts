import { ACMClient } from '@aws-sdk/client-acm';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { SSMClient } from '@aws-sdk/client-ssm';
import { CLOUDFRONT_REGION } from '../core/target-declaration.ts';
import type { PushPorts } from '../steps/ports.ts';
import { ACM_CLIENT_SETTINGS } from '../targets/acm.ts';
import { buildAcmPorts } from './acm-ports.ts';
import type { Undated } from './base-ports.ts';
import { requireEnv } from './environment.ts';
import { lambdaPushParts } from './lambda-push-parts.ts';
import { targetClients } from './target-clients.ts';

/** The ports of PushTarget for ACM and CloudFront, from the Lambda's environment. */
export function lambdaAcmPorts(): Undated<PushPorts> {
  return buildAcmPorts({
    ...lambdaPushParts(),
    acmFor: targetClients((settings) => new ACMClient({ ...settings, ...ACM_CLIENT_SETTINGS })),
    cloudFront: new CloudFrontClient({ region: CLOUDFRONT_REGION }),
    ssm: new SSMClient({}),
    parameterPrefix: requireEnv('PARAMETER_PREFIX'),
  });
}
