import { SFNClient } from '@aws-sdk/client-sfn';
import { requireEnv } from './environment.ts';
import { lambdaParts } from './lambda-parts.ts';
import type { RunParts } from './run-ports.ts';

const MACHINES = { renew: 'RENEWAL_MACHINE_ARN', push: 'PUSH_MACHINE_ARN', settle: 'SETTLE_MACHINE_ARN' } as const;

/** What a Lambda is built from that deals with executions. */
export function lambdaRunParts(): RunParts {
  return { ...lambdaParts(), sfn: new SFNClient({}), machineOf: (kind) => requireEnv(MACHINES[kind]) };
}
