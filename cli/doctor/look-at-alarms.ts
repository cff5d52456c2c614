import { type CloudWatchClient, DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { when } from '../output/times.ts';
import type { Check, Examine } from './check.ts';
import { type ExpectedAlarm, expectedAlarms } from './expected-alarms.ts';

/** A new alarm has no data for some minutes; one that has none for longer judges nothing. Milliseconds. */
const NEW_MS = 3_600_000;

/** More than a stack has, so that the answer is one page. */
const PAGE = 100;

const REVERT = '`npx cdk deploy --revert-drift` makes anew what somebody has removed or changed';

/** An alarm that should be there, as CloudWatch knows it. */
type Known = ExpectedAlarm & { readonly found?: MetricAlarm | undefined };

/** Whether all alarms are there and would tell somebody, and what those say that alarm. */
export const lookAtAlarms: Examine = async ({ clients }, { places }, now) => {
  const expected = expectedAlarms(places);
  const found = await describe(clients.cloudWatch, expected);
  const known = expected.map((one) => ({ ...one, found: found.get(one.alarmName) }));
  const problems = [
    ...missing(known),
    ...disabled(known),
    ...withoutData(known, now),
    ...known.flatMap((one) => alarming(one, now)),
  ];
  const isWell = { name: 'alarms', ok: true, message: `all ${known.length} are there, and none alarms` };
  return problems.length > 0 ? problems : isWell;
};

async function describe(
  client: CloudWatchClient,
  expected: readonly ExpectedAlarm[],
): Promise<ReadonlyMap<string | undefined, MetricAlarm>> {
  const AlarmNames = expected.map(({ alarmName }) => alarmName);
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames, MaxRecords: PAGE }));
  return new Map(MetricAlarms.map((alarm) => [alarm.AlarmName, alarm]));
}

function missing(known: readonly Known[]): readonly Check[] {
  const gone = known.filter(({ found }) => found === undefined);
  if (gone.length === 0) return [];
  const which = gone.length === known.length ? `none of the ${known.length} is there` : `${namesOf(gone)} are missing`;
  return [{ name: 'alarms', ok: false, message: which, remedy: `Nobody is told without them. ${REVERT}.` }];
}

function disabled(known: readonly Known[]): readonly Check[] {
  const mute = known.filter(({ found }) => found?.ActionsEnabled === false);
  if (mute.length === 0) return [];
  const names = mute.map(({ alarmName }) => alarmName).join(' ');
  return [
    {
      name: 'alarm actions',
      ok: false,
      message: `those of ${namesOf(mute)} are disabled: they tell nobody`,
      remedy: `Enable them: aws cloudwatch enable-alarm-actions --alarm-names ${names}`,
    },
  ];
}

function withoutData(known: readonly Known[], now: number): readonly Check[] {
  const idle = known.filter(({ found }) => found?.StateValue === 'INSUFFICIENT_DATA' && now - sinceOf(found) > NEW_MS);
  if (idle.length === 0) return [];
  const message = `${namesOf(idle)} have had no data for more than an hour: they would not alarm`;
  return [{ name: 'alarm data', ok: false, message, remedy: `See in CloudWatch what they measure. ${REVERT}.` }];
}

function alarming({ found, shortName, says, remedy }: Known, now: number): readonly Check[] {
  if (found?.StateValue !== 'ALARM') return [];
  const message = `${says}. It alarms since ${when(sinceOf(found), now)}: ${(found.StateReason ?? 'no reason').replace(/\.$/, '')}`;
  return [{ name: `alarm ${shortName}`, ok: false, message, remedy }];
}

/** Of its state; an update may leave that as it was. Milliseconds since the epoch. */
function sinceOf({ StateTransitionedTimestamp, StateUpdatedTimestamp }: MetricAlarm): number {
  return (StateTransitionedTimestamp ?? StateUpdatedTimestamp)?.getTime() ?? 0;
}

function namesOf(known: readonly Known[]): string {
  return known.map(({ shortName }) => shortName).join(', ');
}
