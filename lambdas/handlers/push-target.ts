import type { Context } from 'aws-lambda';
import type { StepEvent } from '../core/step-result.ts';
import { lambdaAcmPorts } from '../ports/lambda-acm-ports.ts';
import { withDeadline } from '../ports/lambda-parts.ts';
import { pushTarget } from '../steps/push-target.ts';

const ports = lambdaAcmPorts();

/** The PushTarget state: ACM, and what serves from it. */
export const handler = (event: StepEvent, context: Context) => pushTarget(event, withDeadline(ports, context));
