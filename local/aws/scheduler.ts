import { AwsFault } from './fault.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

/** A schedule of the default group. */
export type FakeSchedule = {
  readonly name: string;
  readonly expression: string;
  readonly state: 'ENABLED' | 'DISABLED';
};

/** EventBridge Scheduler's GetSchedule. https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html */
export class SchedulerAccount implements FakeAccount {
  readonly #schedules = new Map<string, FakeSchedule>();

  /** Puts a schedule there, or another in its place. */
  put(schedule: FakeSchedule): void {
    this.#schedules.set(schedule.name, schedule);
  }

  async call(operation: string, input: object): Promise<object> {
    if (operation !== 'GetSchedule')
      throw new Error(`SchedulerAccount does not know ${operation}; add it with its rules.`);
    const { Name = '' } = expectFields<{ Name?: string }>(input, ['Name']);
    const schedule = this.#schedules.get(Name);
    if (schedule === undefined)
      throw new AwsFault('ResourceNotFoundException', `Schedule ${Name} does not exist.`, 404);
    return { Name, State: schedule.state, ScheduleExpression: schedule.expression };
  }
}
