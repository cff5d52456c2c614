import { lambdaExportPorts } from '../ports/lambda-export-ports.ts';
import { stepHandler } from '../ports/step-handler.ts';
import { pushTarget } from '../steps/push-target.ts';

/** The PushExport state: Secrets Manager, S3, webhooks. */
export const handler = stepHandler('push-export', lambdaExportPorts(), pushTarget);
