import { Duration } from 'aws-cdk-lib';
import type { Alarm, IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { SecondMetricName } from '../../lambdas/core/metric-names.ts';
import { type AlarmTerms, eachHour } from '../alarm-table.ts';
import { createAlarm, fleetMetric, heartbeatMetric, tellTheirEnd } from '../alarms.ts';

/** One alarm of the second watch. */
export type SecondAlarmRow = AlarmTerms & { readonly metric: SecondMetricName };

const hours = (name: string, says: string, metric: SecondMetricName, count: number): SecondAlarmRow => ({
  ...eachHour(name, says, count),
  metric,
});

/** Each is later than what the watched stack tells of itself: who has been told by that need not be told again. */
export const SECOND_ALARMS: readonly SecondAlarmRow[] = [
  hours('elsewhere-sweep-missing', 'The watched stack sweeps no more: nothing is renewed or pushed', 'SweepMissing', 2),
  hours('elsewhere-watch-missing', 'The watched stack does not look at what is served any more', 'WatchMissing', 2),
  hours('elsewhere-ending', 'What is served ends very soon or has ended', 'PlacesEnding', 2),
  hours('elsewhere-wrong', 'What is served is revoked, untrusted or for other names, for a day', 'PlacesWrong', 24),
  hours(
    'subscriptions-unconfirmed',
    'Somebody has not confirmed the alerts of the second watch for three days',
    'UnconfirmedSubscriptions',
    72,
  ),
  {
    ...hours('second-watch-missing', 'The second watch has not come to its end for three hours', 'WatchCompleted', 3),
    missing: 'breaching',
  },
];

/** Creates the alarms of the second watch; each tells its topic when it begins, and a rule tells when it is over. */
export function createSecondAlarms(parent: Construct, topic: ITopic): readonly Alarm[] {
  const scope = new Construct(parent, 'Alarms');
  const alarms = SECOND_ALARMS.map((row) => createAlarm(scope, row, metricOf(scope, row), topic));
  tellTheirEnd(scope, alarms, topic);
  return alarms;
}

function metricOf(scope: Construct, { metric, periodSeconds, missing }: SecondAlarmRow): IMetric {
  const period = Duration.seconds(periodSeconds);
  return missing === 'breaching'
    ? heartbeatMetric(fleetMetric(scope, metric, period, 'Sum'), metric, period)
    : fleetMetric(scope, metric, period, 'Maximum');
}
