import { GetScheduleCommand, ResourceNotFoundException } from '@aws-sdk/client-scheduler';
import { type Check, type Examine, unsaid } from './check.ts';

/** A schedule of the stack, in words. */
type Terms = {
  readonly name: string;
  readonly output: 'scheduleName' | 'watchScheduleName';
  /** What happens by it, as in `sweeps at rate(15 minutes)`. */
  readonly does: string;
  /** What does not happen without it, as in `nothing is renewed`. */
  readonly without: string;
};

/** Whether sweeps are started at all. */
export const lookAtSchedule: Examine = scheduleOf({
  name: 'schedule',
  output: 'scheduleName',
  does: 'sweeps',
  without: 'nothing is renewed',
});

/** Whether the watch is. */
export const lookAtWatchSchedule: Examine = scheduleOf({
  name: 'watch schedule',
  output: 'watchScheduleName',
  does: 'watches',
  without: 'nobody looks at what is served',
});

function scheduleOf({ name, output, does, without }: Terms): Examine {
  return async ({ clients }, { places }): Promise<Check> => {
    const { [output]: scheduleName, name: stack } = places;
    if (scheduleName === undefined) return unsaid(name, 'its name', stack);
    try {
      const { State, ScheduleExpression } = await clients.scheduler.send(
        new GetScheduleCommand({ Name: scheduleName }),
      );
      if (State === 'ENABLED') return { name, ok: true, message: `${does} at ${ScheduleExpression}` };
      const remedy = `Enable it: ${without} without it. \`npx cdk deploy --revert-drift\` of ${stack} does, or EventBridge Scheduler's page.`;
      return { name, ok: false, message: `${scheduleName} is ${State}`, remedy };
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
      const remedy = `\`npx cdk deploy --revert-drift\` of ${stack} makes it anew: ${without} without it.`;
      return { name, ok: false, message: `${scheduleName} is gone`, remedy };
    }
  };
}
