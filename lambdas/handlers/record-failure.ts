import type { Context } from 'aws-lambda';
import { buildBasePorts } from '../ports/base-ports.ts';
import { buildDnsPorts } from '../ports/dns-ports.ts';
import { lambdaDns } from '../ports/lambda-dns.ts';
import { lambdaParts, withDeadline } from '../ports/lambda-parts.ts';
import type { CatchEvent, StatusChangeEvent } from '../steps/caught-failure.ts';
import { recordFailure } from '../steps/record-failure.ts';

const parts = lambdaParts();
const ports = { ...buildBasePorts(parts), ...buildDnsPorts({ ...parts, ...lambdaDns() }) };

/** The RecordFailure state, and the target of the status rule. */
export const handler = (event: CatchEvent | StatusChangeEvent, context: Context) =>
  recordFailure(event, withDeadline(ports, context));
