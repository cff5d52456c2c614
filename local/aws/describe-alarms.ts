import type { DescribeAlarmsInput } from '@aws-sdk/client-cloudwatch';
import type { AlarmDefinition, AlarmState } from './cloudwatch-alarms.ts';
import { AwsFault } from './fault.ts';
import { expectFields } from './strict-input.ts';

/** An alarm, and how it stands. */
export type DescribedAlarm = {
  readonly alarm: AlarmDefinition;
  readonly state: AlarmState;
  readonly reason: string;
  /** When its state has changed last. Milliseconds since the epoch. */
  readonly since: number;
  /** When it was judged last. Milliseconds since the epoch. */
  readonly updatedAt: number;
  /** Whether it acts when its state changes. */
  readonly isEnabled: boolean;
};

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
const MOST_NAMES = 100;
const MOST_RECORDS = 100;
const LONGEST_NAME = 255;
const USUAL_RECORDS = 50;

/**
 * CloudWatch's DescribeAlarms of metric alarms by their names: one that is not there is left out of the answer.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 */
export function describeAlarms(all: readonly DescribedAlarm[], input: object): object {
  const { AlarmNames: names, MaxRecords: most = USUAL_RECORDS } = expectFields<DescribeAlarmsInput>(input, [
    'AlarmNames',
    'MaxRecords',
  ]);
  if (names === undefined) throw new Error('DescribeAlarms of all alarms is not known here; add it with its rules.');
  checkNames(names);
  if (!Number.isInteger(most) || most < 1 || most > MOST_RECORDS)
    throw new AwsFault('ValidationError', `The value ${most} for parameter MaxRecords is not within 1 and 100.`);
  const found = all.filter(({ alarm }) => names.includes(alarm.name));
  if (found.length > most) throw new Error('DescribeAlarms of more than a page is not known here; add NextToken.');
  return { MetricAlarms: found.map(toldOf), CompositeAlarms: [] };
}

function checkNames(names: readonly string[]): void {
  if (names.length > MOST_NAMES)
    throw new AwsFault('ValidationError', `The collection AlarmNames must not have more than ${MOST_NAMES} members.`);
  if (names.some((name) => name.length < 1 || name.length > LONGEST_NAME))
    throw new AwsFault('ValidationError', `An alarm's name has 1 to ${LONGEST_NAME} characters.`);
}

function toldOf({ alarm, state, reason, since, updatedAt, isEnabled }: DescribedAlarm): object {
  const { name, description, actions } = alarm;
  return {
    AlarmName: name,
    AlarmDescription: description,
    ActionsEnabled: isEnabled,
    AlarmActions: actions,
    OKActions: [],
    InsufficientDataActions: [],
    StateValue: state,
    StateReason: reason,
    StateUpdatedTimestamp: new Date(updatedAt),
    StateTransitionedTimestamp: new Date(since),
  };
}
