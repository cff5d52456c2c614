import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { when } from '../output/times.ts';
import type { Examine } from './check.ts';

/** The longest interval that can be configured is six hours; more than two of those are missed sweeps. Milliseconds. */
const LONGEST_MS = 13 * 3_600_000;

/** Whether the account sweeps, which is how everything begins. */
export const lookAtSweeps: Examine = async ({ clients }, { places }, now) => {
  const command = new ListExecutionsCommand({ stateMachineArn: places.machines.sweep, maxResults: 1 });
  const { executions: [last] = [] } = await clients.sfn.send(command);
  const at = last?.startDate?.getTime();
  if (at !== undefined && now - at < LONGEST_MS)
    return { name: 'sweeps', ok: true, message: `the last one began ${when(at, now)}` };
  return {
    name: 'sweeps',
    ok: false,
    message: at === undefined ? 'there was none yet' : `the last one began ${when(at, now)}`,
    remedy: 'See whether the schedule is enabled and its role may start the sweep.',
  };
};
