import type { ACMClient } from '@aws-sdk/client-acm';
import type { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { AcmPort } from '../core/ports.ts';
import type { AcmTarget } from '../core/target-declaration.ts';
import type { PushPorts } from '../steps/ports.ts';
import { createAcmPort } from '../targets/acm.ts';
import { createAcmDriver } from '../targets/acm-driver.ts';
import { createArnParameters } from '../targets/arn-parameters.ts';
import { createCloudFrontPort } from '../targets/cloudfront.ts';
import type { Undated } from './base-ports.ts';
import type { PushParts } from './push-ports.ts';
import { buildPushPorts } from './push-ports.ts';

export type AcmParts = PushParts & {
  readonly acmFor: (target: AcmTarget) => ACMClient;
  readonly cloudFront: CloudFrontClient;
  readonly ssm: SSMClient;
  /** What the names of the ARNs' parameters begin with. */
  readonly parameterPrefix: string;
};

/** Builds the ports of PushTarget for ACM and what serves from it. */
export function buildAcmPorts(parts: AcmParts): Undated<PushPorts> {
  const acm = (target: AcmTarget): AcmPort => createAcmPort({ client: parts.acmFor(target), table: parts.tableName });
  const cloudFront = createCloudFrontPort({ client: parts.cloudFront });
  return {
    ...buildPushPorts(parts, { acm: createAcmDriver({ acm, cloudFront }) }),
    arnParameters: createArnParameters({ client: parts.ssm, prefix: parts.parameterPrefix }),
  };
}
