import { alarmNameIn, alarmTable, channelAlarmName, runbookHint } from '../../infra/alarm-table.ts';
import type { StackPlaces } from '../account/stack.ts';

/** An alarm that the stack should have. */
export type ExpectedAlarm = {
  /** As CloudWatch has it. */
  readonly alarmName: string;
  /** Without the stack's name. */
  readonly shortName: string;
  readonly says: string;
  /** What a person is to do while it alarms. */
  readonly remedy: string;
};

/** The interval of sweeps decides when alarms come, not which there are. Seconds. */
const ANY_INTERVAL_S = 900;

/** Every alarm of the stack's table, and one for each of its channels. */
export function expectedAlarms({ name: stack, channels = {} }: StackPlaces): readonly ExpectedAlarm[] {
  const ofTable = alarmTable(ANY_INTERVAL_S).map(({ name, says }) => ({
    alarmName: alarmNameIn(stack, name),
    shortName: name,
    says,
    remedy: runbookHint(name),
  }));
  const ofChannels = Object.keys(channels).map((channel) => ({
    alarmName: alarmNameIn(stack, channelAlarmName(channel)),
    shortName: channelAlarmName(channel),
    says: `The channel ${channel} has not taken messages`,
    remedy: 'Look at its dead letters: another line here has the commands.',
  }));
  return [...ofTable, ...ofChannels];
}
