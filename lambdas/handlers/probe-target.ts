import { lambdaParts } from '../ports/lambda-parts.ts';
import { buildProbePorts } from '../ports/probe-ports.ts';
import { stepHandler } from '../ports/step-handler.ts';
import { probeTarget } from '../steps/probe-target.ts';

/** The ProbeTarget state. */
export const handler = stepHandler('probe-target', buildProbePorts(lambdaParts()), probeTarget);
