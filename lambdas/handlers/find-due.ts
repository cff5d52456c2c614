import { lambdaRunParts } from '../ports/lambda-run-parts.ts';
import { buildRunPorts } from '../ports/run-ports.ts';
import { stepHandler } from '../ports/step-handler.ts';
import { findDue } from '../steps/find-due.ts';

/** The FindDue state. */
export const handler = stepHandler('find-due', buildRunPorts(lambdaRunParts()), findDue);
