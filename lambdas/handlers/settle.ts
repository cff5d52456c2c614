import type { Context } from 'aws-lambda';
import type { StepEvent } from '../core/step-result.ts';
import { lambdaOrderPorts } from '../ports/lambda-order-ports.ts';
import { withDeadline } from '../ports/lambda-parts.ts';
import { settle } from '../steps/settle.ts';

const ports = lambdaOrderPorts();

/** The Settle state. */
export const handler = (event: StepEvent, context: Context) => settle(event, withDeadline(ports, context));
