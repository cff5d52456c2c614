/** Dimensions of a metric, by name. */
export type Dimensions = Readonly<Record<string, string>>;

/** One value of one metric. */
export type Datum = { readonly at: number; readonly value: number };

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

type MetricStat = {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly statistic: 'Sum' | 'Maximum';
};

/** An alarm, as far as Perennial's have properties. */
export type AlarmDefinition = {
  readonly name: string;
  readonly description: string;
  /** One metric, or the sum of some whose missing values are 0: `FILL(m0, 0) + FILL(m1, 0)`. */
  readonly metrics: readonly MetricStat[];
  readonly isFilled: boolean;
  /** The value is 0 in periods in which this has none: `IF(FILL(gate, 0) > 0, value, 0)`. */
  readonly gate?: MetricStat;
  readonly periodMs: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: 'LessThanThreshold' | 'GreaterThanOrEqualToThreshold';
  readonly missing: 'breaching' | 'notBreaching';
  readonly actions: readonly string[];
};

type Read = (namespace: string, name: string, dimensions: Dimensions) => readonly Datum[];

/** CloudWatch looks at more periods than it evaluates; the exact number is not documented, its examples have two more. */
const MORE_PERIODS = 2;

/**
 * The state of an alarm now. Of the periods in its range the most recent with data are judged; where those are fewer than it
 * evaluates, the rest counts as the alarm says.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function judgeAlarm(alarm: AlarmDefinition, read: Read, now: number): AlarmState {
  const { evaluationPeriods, datapointsToAlarm, missing } = alarm;
  const range = Array.from({ length: evaluationPeriods + MORE_PERIODS }, (_, back) => pointOf(alarm, read, now, back));
  const real = range.filter((point) => point !== undefined).slice(0, evaluationPeriods);
  const breaching = real.filter((point) => isBreaching(alarm, point)).length;
  const filled = missing === 'breaching' ? evaluationPeriods - real.length : 0;
  return breaching + filled >= datapointsToAlarm ? 'ALARM' : 'OK';
}

/** The value of one period, `back` periods ago; undefined where it has none. */
function pointOf(alarm: AlarmDefinition, read: Read, now: number, back: number): number | undefined {
  const end = now - back * alarm.periodMs;
  const start = end - alarm.periodMs;
  const points = alarm.metrics.map((metric) => {
    const data = read(metric.namespace, metric.name, metric.dimensions);
    // FILL fills between and after values; of a metric that never had one it makes nothing.
    const isKnown = data.some(({ at }) => at < end);
    const values = data.filter(({ at }) => at >= start && at < end).map(({ value }) => value);
    if (values.length > 0) return metric.statistic === 'Sum' ? sumOf(values) : Math.max(...values);
    return alarm.isFilled && isKnown ? 0 : undefined;
  });
  const known = points.filter((point) => point !== undefined);
  if (known.length === 0) return undefined;
  return isShut(alarm, read, start, end) ? 0 : sumOf(known);
}

function isShut({ gate }: AlarmDefinition, read: Read, start: number, end: number): boolean {
  if (gate === undefined) return false;
  return !read(gate.namespace, gate.name, gate.dimensions).some(({ at }) => at >= start && at < end);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function isBreaching({ comparison, threshold }: AlarmDefinition, value: number): boolean {
  return comparison === 'LessThanThreshold' ? value < threshold : value >= threshold;
}
