import { lambdaAwsTargetPorts } from '../ports/lambda-aws-target-ports.ts';
import { stepHandler } from '../ports/step-handler.ts';
import { pushTarget } from '../steps/push-target.ts';

/** The PushAws state: load balancers, API Gateway, IAM. */
export const handler = stepHandler('push-aws', lambdaAwsTargetPorts(), pushTarget);
