import { lambdaOrderPorts } from '../ports/lambda-order-ports.ts';
import { stepHandler } from '../ports/step-handler.ts';
import { settle } from '../steps/settle.ts';

/** The Settle state. */
export const handler = stepHandler('settle', lambdaOrderPorts(), settle);
