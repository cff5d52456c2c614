import type { Context } from 'aws-lambda';
import { lambdaAriPorts } from '../ports/lambda-ari-ports.ts';
import { withDeadline } from '../ports/lambda-parts.ts';
import { refreshAri } from '../steps/refresh-ari.ts';
import type { SweepEvent } from '../steps/sweep.ts';

const ports = lambdaAriPorts();

/** The RefreshAri state. */
export const handler = (event: SweepEvent, context: Context) => refreshAri(event, withDeadline(ports, context));
