import { lambdaOrderPorts } from '../ports/lambda-order-ports.ts';
import { stepHandler } from '../ports/step-handler.ts';
import { pollOrder } from '../steps/poll-order.ts';

/** The PollOrder state. */
export const handler = stepHandler('poll-order', lambdaOrderPorts(), pollOrder);
