import { lambdaAcmPorts } from '../ports/lambda-acm-ports.ts';
import { stepHandler } from '../ports/step-handler.ts';
import { pushTarget } from '../steps/push-target.ts';

/** The PushTarget state: ACM, and what serves from it. */
export const handler = stepHandler('push-target', lambdaAcmPorts(), pushTarget);
