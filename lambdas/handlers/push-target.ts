import type { Context } from 'aws-lambda';
import type { StepEvent } from '../core/step-result.ts';
import { withDeadline } from '../ports/lambda-parts.ts';
import { lambdaPushPorts } from '../ports/lambda-push-ports.ts';
import { pushTarget } from '../steps/push-target.ts';

const ports = lambdaPushPorts();

/** The PushTarget state. */
export const handler = (event: StepEvent, context: Context) => pushTarget(event, withDeadline(ports, context));
