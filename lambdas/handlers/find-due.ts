import type { Context } from 'aws-lambda';
import { buildBasePorts } from '../ports/base-ports.ts';
import { lambdaParts, withDeadline } from '../ports/lambda-parts.ts';
import { findDue } from '../steps/find-due.ts';
import type { SweepEvent } from '../steps/sweep.ts';

const ports = buildBasePorts(lambdaParts());

/** The FindDue state. */
export const handler = (event: SweepEvent, context: Context) => findDue(event, withDeadline(ports, context));
