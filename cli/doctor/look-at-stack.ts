import { when } from '../output/times.ts';
import type { Examine } from './check.ts';

/** Whether the last deployment has ended, and ended well. */
export const lookAtStack: Examine = async (_desk, { places }, now) => {
  const { name: stack, status, deployedAt } = places;
  const message = `${stack} is ${status} since ${when(deployedAt, now)}`;
  const isWell = /_COMPLETE$/.test(status) && !/ROLLBACK|DELETE/.test(status);
  if (isWell || /_IN_PROGRESS$/.test(status)) return { name: 'stack', ok: true, message };
  return {
    name: 'stack',
    ok: false,
    message,
    remedy: 'See its events in CloudFormation, mend what they name, and deploy again.',
  };
};
