import { lambdaOrderPorts } from '../ports/lambda-order-ports.ts';
import { stepHandler } from '../ports/step-handler.ts';
import { createOrder } from '../steps/create-order.ts';

/** The CreateOrder state. */
export const handler = stepHandler('create-order', lambdaOrderPorts(), createOrder);
