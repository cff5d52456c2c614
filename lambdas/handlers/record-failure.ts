import { buildBasePorts } from '../ports/base-ports.ts';
import { buildDnsPorts } from '../ports/dns-ports.ts';
import { lambdaDns } from '../ports/lambda-dns.ts';
import { lambdaParts } from '../ports/lambda-parts.ts';
import { stepHandler } from '../ports/step-handler.ts';
import { recordFailure } from '../steps/record-failure.ts';

const parts = lambdaParts();
const ports = { ...buildBasePorts(parts), ...buildDnsPorts({ ...parts, ...lambdaDns() }) };

/** The RecordFailure state, and the target of the status rule. */
export const handler = stepHandler('record-failure', ports, recordFailure);
