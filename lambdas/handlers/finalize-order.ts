import type { Context } from 'aws-lambda';
import type { StepEvent } from '../core/step-result.ts';
import { lambdaOrderPorts } from '../ports/lambda-order-ports.ts';
import { withDeadline } from '../ports/lambda-parts.ts';
import { finalizeOrder } from '../steps/finalize-order.ts';

const ports = lambdaOrderPorts();

/** The FinalizeOrder state. */
export const handler = (event: StepEvent, context: Context) => finalizeOrder(event, withDeadline(ports, context));
