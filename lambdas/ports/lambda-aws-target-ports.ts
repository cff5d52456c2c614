import type { PushPorts } from '../steps/ports.ts';
import type { Undated } from './base-ports.ts';
import { lambdaPushParts } from './lambda-push-parts.ts';
import { buildPushPorts } from './push-ports.ts';

/** The ports of PushTarget for load balancers, API Gateway and IAM, from the Lambda's environment. */
export function lambdaAwsTargetPorts(): Undated<PushPorts> {
  return buildPushPorts(lambdaPushParts(), {});
}
