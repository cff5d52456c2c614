import { type ExecutionStatus, ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { MachineName } from '../../infra/machine-names.ts';
import { utc } from '../output/times.ts';
import type { Check, Examine } from './check.ts';

const DAY_MS = 24 * 3_600_000;

/** Executions of one status that are looked at. */
const MOST = 100;

const FAILED: readonly ExecutionStatus[] = ['FAILED', 'TIMED_OUT', 'ABORTED'];

/** What to do about failures of each machine: those of renewals and pushes are on their rows. */
const REMEDIES: Readonly<Record<MachineName, string>> = {
  renewal: '`perennial status` says which certificates fail, and why.',
  push: '`perennial status` says which targets fail, and why.',
  settle: 'See the executions in Step Functions; what is left in a slot is tried again.',
  sweep: 'See the executions in Step Functions: while sweeps fail, nothing is started.',
};

/** What has failed within a day on one machine. */
export function lookAtMachine(machine: MachineName): Examine {
  return async ({ clients }, { places }, now): Promise<Check> => {
    const name = `${machine} machine`;
    const arn = places.machines[machine];
    const counts = await Promise.all(FAILED.map((status) => failuresOf(clients.sfn, arn, status, now - DAY_MS)));
    const failures = counts.flat();
    if (failures.length === 0) return { name, ok: true, message: 'no failed execution within a day' };
    const last = Math.max(...failures);
    const message = `${failures.length} failed execution(s) within a day, the last began at ${utc(last)}`;
    return { name, ok: false, message, remedy: REMEDIES[machine] };
  };
}

/** When those began that have failed since an instant; milliseconds since the epoch. */
async function failuresOf(client: SFNClient, arn: string, status: ExecutionStatus, since: number): Promise<number[]> {
  const command = new ListExecutionsCommand({ stateMachineArn: arn, statusFilter: status, maxResults: MOST });
  const { executions = [] } = await client.send(command);
  return executions.map(({ startDate }) => startDate?.getTime() ?? 0).filter((at) => at >= since);
}
