import type { Context } from 'aws-lambda';
import type { StepEvent } from '../core/step-result.ts';
import { lambdaExportPorts } from '../ports/lambda-export-ports.ts';
import { withDeadline } from '../ports/lambda-parts.ts';
import { pushTarget } from '../steps/push-target.ts';

const ports = lambdaExportPorts();

/** The PushExport state: Secrets Manager, S3, webhooks. */
export const handler = (event: StepEvent, context: Context) => pushTarget(event, withDeadline(ports, context));
