import { buildDnsPorts } from '../ports/dns-ports.ts';
import { lambdaDns } from '../ports/lambda-dns.ts';
import { lambdaRunParts } from '../ports/lambda-run-parts.ts';
import { buildRunPorts } from '../ports/run-ports.ts';
import { stepHandler } from '../ports/step-handler.ts';
import { recordFailure } from '../steps/record-failure.ts';

const parts = lambdaRunParts();
const ports = { ...buildRunPorts(parts), ...buildDnsPorts({ ...parts, ...lambdaDns() }) };

/** The RecordFailure state, and the target of the status rule. */
export const handler = stepHandler('record-failure', ports, recordFailure);
