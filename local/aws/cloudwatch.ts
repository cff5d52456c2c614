import { type AlarmDefinition, type AlarmState, type Datum, type Dimensions, judgeAlarm } from './cloudwatch-alarms.ts';
import { type DescribedAlarm, describeAlarms } from './describe-alarms.ts';
import { getMetricData } from './metric-data.ts';
import type { FakeAccount } from './seam.ts';

/** A change of an alarm's state. */
export type AlarmChange = {
  readonly alarm: AlarmDefinition;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly at: number;
};

/**
 * Amazon CloudWatch in one account: metrics, and alarms that are judged as its documentation says.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export class CloudWatchAccount implements FakeAccount {
  readonly #metrics = new Map<string, Datum[]>();
  readonly #alarms = new Map<AlarmDefinition, DescribedAlarm>();

  /** Puts one value of each metric. */
  putAll(
    namespace: string,
    dimensions: Dimensions,
    values: Readonly<Partial<Record<string, number>>>,
    at: number,
  ): void {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) continue;
      const key = metricKey(namespace, name, dimensions);
      const data = this.#metrics.get(key) ?? [];
      data.push({ at, value });
      this.#metrics.set(key, data);
    }
  }

  /** The values of a metric, in order. */
  values(namespace: string, name: string, dimensions: Dimensions): readonly Datum[] {
    return this.#metrics.get(metricKey(namespace, name, dimensions)) ?? [];
  }

  /** Creates alarms at an instant, milliseconds since the epoch; new ones have insufficient data. */
  createAlarms(alarms: readonly AlarmDefinition[], at: number): void {
    const fresh = { state: 'INSUFFICIENT_DATA', reason: 'Unchecked: Initial alarm creation', isEnabled: true } as const;
    for (const alarm of alarms) this.#alarms.set(alarm, { ...fresh, since: at, updatedAt: at, alarm });
  }

  /** Removes an alarm, as somebody does by hand. */
  deleteAlarm(name: string): void {
    for (const alarm of this.#alarms.keys()) if (alarm.name === name) this.#alarms.delete(alarm);
  }

  /** From here on an alarm still changes its state, but tells nobody. */
  disableActions(name: string): void {
    for (const [alarm, described] of this.#alarms)
      if (alarm.name === name) this.#alarms.set(alarm, { ...described, isEnabled: false });
  }

  /** The state of each alarm, by name. */
  states(): Readonly<Record<string, AlarmState>> {
    return Object.fromEntries([...this.#alarms].map(([alarm, { state }]) => [alarm.name, state]));
  }

  /** Judges all alarms, as CloudWatch does once a minute; those that have changed. */
  evaluate(now: number): readonly AlarmChange[] {
    const changes: AlarmChange[] = [];
    for (const [alarm, described] of this.#alarms) {
      const from = described.state;
      const read = (namespace: string, name: string, dimensions: Dimensions) =>
        this.values(namespace, name, dimensions);
      const to = judgeAlarm(alarm, read, now);
      const judged = { ...described, state: to, reason: reasonOf(alarm, to), updatedAt: now };
      this.#alarms.set(alarm, to === from ? judged : { ...judged, since: now });
      if (to === from) continue;
      changes.push({ alarm, from, to, at: now });
    }
    return changes;
  }

  async call(operation: string, input: Readonly<Record<string, unknown>>): Promise<object> {
    if (operation === 'DescribeAlarms') return describeAlarms([...this.#alarms.values()], input);
    if (operation === 'GetMetricData') return getMetricData(this, input);
    throw new Error(`CloudWatchAccount does not know ${operation}; add it with its rules.`);
  }
}

function reasonOf({ datapointsToAlarm, evaluationPeriods, comparison, threshold }: AlarmDefinition, to: AlarmState) {
  const side = comparison === 'LessThanThreshold' ? 'less than' : 'greater than or equal to';
  const were = to === 'ALARM' ? 'were' : 'were not';
  return `Threshold Crossed: ${datapointsToAlarm} out of the last ${evaluationPeriods} datapoints ${were} ${side} the threshold (${threshold}).`;
}

function metricKey(namespace: string, name: string, dimensions: Dimensions): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).toSorted()]);
}
