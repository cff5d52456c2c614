import { buildBasePorts } from '../ports/base-ports.ts';
import { lambdaParts } from '../ports/lambda-parts.ts';
import { stepHandler } from '../ports/step-handler.ts';
import { findDue } from '../steps/find-due.ts';

/** The FindDue state. */
export const handler = stepHandler('find-due', buildBasePorts(lambdaParts()), findDue);
