import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import type { PushPorts } from '../steps/ports.ts';
import { buildAwsTargetPorts } from './aws-target-ports.ts';
import type { Undated } from './base-ports.ts';
import { lambdaPushParts } from './lambda-push-parts.ts';
import { targetClients } from './target-clients.ts';

/** The ports of PushTarget for load balancers, API Gateway and IAM, from the Lambda's environment. */
export function lambdaAwsTargetPorts(): Undated<PushPorts> {
  return buildAwsTargetPorts({
    ...lambdaPushParts(),
    loadBalancersFor: targetClients((settings) => new ElasticLoadBalancingV2Client(settings)),
    httpApisFor: targetClients((settings) => new ApiGatewayV2Client(settings)),
    restApisFor: targetClients((settings) => new APIGatewayClient(settings)),
    // Both are global services, which the region of the Lambda's partition leads to.
    iam: new IAMClient({}),
    cloudFront: new CloudFrontClient({}),
  });
}
