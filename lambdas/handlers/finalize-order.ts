import { lambdaOrderPorts } from '../ports/lambda-order-ports.ts';
import { stepHandler } from '../ports/step-handler.ts';
import { finalizeOrder } from '../steps/finalize-order.ts';

/** The FinalizeOrder state. */
export const handler = stepHandler('finalize-order', lambdaOrderPorts(), finalizeOrder);
