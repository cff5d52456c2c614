import { GetScheduleCommand, ResourceNotFoundException } from '@aws-sdk/client-scheduler';
import type { Examine } from './check.ts';

const NAME = 'schedule';

/** Whether sweeps are started at all. */
export const lookAtSchedule: Examine = async ({ clients }, { places }) => {
  const { scheduleName, name: stack } = places;
  if (scheduleName === undefined)
    return {
      name: NAME,
      ok: false,
      message: `${stack} does not say its name`,
      remedy: 'Deploy it again with this version.',
    };
  try {
    const { State, ScheduleExpression } = await clients.scheduler.send(new GetScheduleCommand({ Name: scheduleName }));
    if (State === 'ENABLED') return { name: NAME, ok: true, message: `sweeps at ${ScheduleExpression}` };
    const remedy = `Enable it: nothing is renewed without it. \`npx cdk deploy\` of ${stack} does, or EventBridge Scheduler's page.`;
    return { name: NAME, ok: false, message: `${scheduleName} is ${State}`, remedy };
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    return {
      name: NAME,
      ok: false,
      message: `${scheduleName} is gone`,
      remedy: `Deploy ${stack} again: nothing is renewed without it.`,
    };
  }
};
