import type { Context } from 'aws-lambda';
import type { StepEvent } from '../core/step-result.ts';
import { withDeadline } from '../ports/lambda-parts.ts';
import { lambdaPushPorts } from '../ports/lambda-push-ports.ts';
import { probeTarget } from '../steps/probe-target.ts';

const ports = lambdaPushPorts();

/** The ProbeTarget state. */
export const handler = (event: StepEvent, context: Context) => probeTarget(event, withDeadline(ports, context));
