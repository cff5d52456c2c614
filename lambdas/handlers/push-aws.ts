import type { Context } from 'aws-lambda';
import type { StepEvent } from '../core/step-result.ts';
import { lambdaAwsTargetPorts } from '../ports/lambda-aws-target-ports.ts';
import { withDeadline } from '../ports/lambda-parts.ts';
import { pushTarget } from '../steps/push-target.ts';

const ports = lambdaAwsTargetPorts();

/** The PushAws state: load balancers, API Gateway, IAM. */
export const handler = (event: StepEvent, context: Context) => pushTarget(event, withDeadline(ports, context));
