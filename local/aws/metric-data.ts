import type { GetMetricDataInput, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Datum, Dimensions } from './cloudwatch-alarms.ts';
import { AwsFault } from './fault.ts';
import { expectFields } from './strict-input.ts';

const MINUTE_MS = 60_000;

/** Where metrics are. */
type Metrics = { values(namespace: string, name: string, dimensions: Dimensions): readonly Datum[] };

/**
 * CloudWatch's GetMetricData for sums over minutes.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export function getMetricData(metrics: Metrics, input: object): object {
  const known = expectFields<GetMetricDataInput>(input, ['MetricDataQueries', 'StartTime', 'EndTime']);
  const from = minuteOf(known.StartTime);
  const until = known.EndTime?.getTime() ?? 0;
  if (from >= until)
    throw new AwsFault('ValidationError', 'The parameter StartTime must be less than the parameter EndTime.');
  return { MetricDataResults: (known.MetricDataQueries ?? []).map((query) => answer(metrics, query, from, until)) };
}

function answer(metrics: Metrics, query: MetricDataQuery, from: number, until: number): object {
  const { Id = '', MetricStat } = expectFields<MetricDataQuery>(query, ['Id', 'MetricStat']);
  if (!/^[a-z][a-zA-Z0-9_]*$/.test(Id))
    throw new AwsFault(
      'ValidationError',
      `The value ${Id} for parameter Id is not a lower case letter and word characters.`,
    );
  const { Metric, Period = 0, Stat } = MetricStat ?? {};
  if (Stat !== 'Sum') throw new Error(`GetMetricData does not know the statistic ${Stat}; add it with its rules.`);
  if (Period <= 0 || Period % 60 !== 0)
    throw new AwsFault(
      'ValidationError',
      `The parameter Period must be a multiple of 60 for data of this age, not ${Period}.`,
    );
  const dimensions = Object.fromEntries((Metric?.Dimensions ?? []).map(({ Name = '', Value = '' }) => [Name, Value]));
  const sums = new Map<number, number>();
  for (const { at, value } of metrics.values(Metric?.Namespace ?? '', Metric?.MetricName ?? '', dimensions)) {
    if (at < from || at >= until) continue;
    const start = from + Math.floor((at - from) / (Period * 1000)) * Period * 1000;
    sums.set(start, (sums.get(start) ?? 0) + value);
  }
  const newestFirst = [...sums].toSorted(([one], [other]) => other - one);
  return {
    Id,
    Label: Metric?.MetricName,
    StatusCode: 'Complete',
    Timestamps: newestFirst.map(([start]) => new Date(start)),
    Values: newestFirst.map(([, sum]) => sum),
  };
}

/** Starts within fifteen days are rounded down to the minute. */
function minuteOf(start: Date | undefined): number {
  return Math.floor((start?.getTime() ?? 0) / MINUTE_MS) * MINUTE_MS;
}
