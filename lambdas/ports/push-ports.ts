import type { ACMClient } from '@aws-sdk/client-acm';
import type { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { AcmPort } from '../core/ports.ts';
import { createKeyVault } from '../keys/key-vault.ts';
import type { PushPorts } from '../steps/ports.ts';
import { createAcmPort } from '../targets/acm.ts';
import { createArnParameters } from '../targets/arn-parameters.ts';
import { createCloudFrontPort } from '../targets/cloudfront.ts';
import type { BaseParts, Undated } from './base-ports.ts';
import { buildBasePorts } from './base-ports.ts';

export type PushParts = BaseParts & {
  readonly kms: KMSClient;
  readonly keyArn: string;
  /** A client of ACM in a region; the stack's own when absent. */
  readonly acmIn: (region: string | undefined) => ACMClient;
  readonly cloudFront: CloudFrontClient;
  readonly ssm: SSMClient;
  /** What the names of the ARNs' parameters begin with. */
  readonly parameterPrefix: string;
};

/** Builds the ports of PushTarget. */
export function buildPushPorts(parts: PushParts): Undated<PushPorts> {
  const regions = new Map<string | undefined, AcmPort>();
  const acm = (region: string | undefined): AcmPort => {
    const port = regions.get(region) ?? createAcmPort({ client: parts.acmIn(region), table: parts.tableName });
    regions.set(region, port);
    return port;
  };
  return {
    ...buildBasePorts(parts),
    vault: createKeyVault({ client: parts.kms, keyArn: parts.keyArn }),
    acm,
    cloudFront: createCloudFrontPort({ client: parts.cloudFront }),
    arnParameters: createArnParameters({ client: parts.ssm, prefix: parts.parameterPrefix }),
  };
}
