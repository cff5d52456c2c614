import { lambdaAriPorts } from '../ports/lambda-ari-ports.ts';
import { stepHandler } from '../ports/step-handler.ts';
import { refreshAri } from '../steps/refresh-ari.ts';

/** The RefreshAri state. */
export const handler = stepHandler('refresh-ari', lambdaAriPorts(), refreshAri);
