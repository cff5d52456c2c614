import type { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import type { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2';
import type { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { ApiGatewayTarget, LoadBalancerTarget } from '../core/target-declaration.ts';
import type { PushPorts } from '../steps/ports.ts';
import { createApiGatewayDriver } from '../targets/api-gateway.ts';
import { createCloudFrontPort } from '../targets/cloudfront.ts';
import { createIamCertificateDriver } from '../targets/iam-certificate.ts';
import { createLoadBalancerDriver } from '../targets/load-balancer.ts';
import type { Undated } from './base-ports.ts';
import type { PushParts } from './push-ports.ts';
import { buildPushPorts } from './push-ports.ts';

export type AwsTargetParts = PushParts & {
  readonly loadBalancersFor: (target: LoadBalancerTarget) => ElasticLoadBalancingV2Client;
  readonly httpApisFor: (target: ApiGatewayTarget) => ApiGatewayV2Client;
  readonly restApisFor: (target: ApiGatewayTarget) => APIGatewayClient;
  readonly iam: IAMClient;
  readonly cloudFront: CloudFrontClient;
};

/** Builds the ports of PushTarget for load balancers, API Gateway and IAM. */
export function buildAwsTargetPorts(parts: AwsTargetParts): Undated<PushPorts> {
  const { loadBalancersFor, httpApisFor, restApisFor, iam } = parts;
  const cloudFront = createCloudFrontPort({ client: parts.cloudFront });
  return buildPushPorts(parts, {
    'load-balancer': createLoadBalancerDriver({ clientFor: loadBalancersFor }),
    'api-gateway': createApiGatewayDriver({ httpFor: httpApisFor, restFor: restApisFor }),
    'iam-certificate': createIamCertificateDriver({ client: iam, cloudFront }),
  });
}
