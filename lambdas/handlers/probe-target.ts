import type { Context } from 'aws-lambda';
import type { StepEvent } from '../core/step-result.ts';
import { lambdaParts, withDeadline } from '../ports/lambda-parts.ts';
import { buildProbePorts } from '../ports/probe-ports.ts';
import { probeTarget } from '../steps/probe-target.ts';

const ports = buildProbePorts(lambdaParts());

/** The ProbeTarget state. */
export const handler = (event: StepEvent, context: Context) => probeTarget(event, withDeadline(ports, context));
