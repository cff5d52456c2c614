import type { Context } from 'aws-lambda';
import type { StepEvent } from '../core/step-result.ts';
import { lambdaOrderPorts } from '../ports/lambda-order-ports.ts';
import { withDeadline } from '../ports/lambda-parts.ts';
import { createOrder } from '../steps/create-order.ts';

const ports = lambdaOrderPorts();

/** The CreateOrder state. */
export const handler = (event: StepEvent, context: Context) => createOrder(event, withDeadline(ports, context));
