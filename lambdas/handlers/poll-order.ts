import type { Context } from 'aws-lambda';
import type { StepEvent } from '../core/step-result.ts';
import { lambdaOrderPorts } from '../ports/lambda-order-ports.ts';
import { withDeadline } from '../ports/lambda-parts.ts';
import { pollOrder } from '../steps/poll-order.ts';

const ports = lambdaOrderPorts();

/** The PollOrder state. */
export const handler = (event: StepEvent, context: Context) => pollOrder(event, withDeadline(ports, context));
