import { type AlarmDefinition, type AlarmState, type Datum, type Dimensions, judgeAlarm } from './cloudwatch-alarms.ts';

/** A change of an alarm's state. */
export type AlarmChange = {
  readonly alarm: AlarmDefinition;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly at: number;
};

/** Amazon CloudWatch in one account: metrics, and alarms that are judged as its documentation says. */
export class CloudWatchAccount {
  readonly #metrics = new Map<string, Datum[]>();
  readonly #alarms = new Map<AlarmDefinition, AlarmState>();

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

  /** Creates alarms; new ones have insufficient data. */
  createAlarms(alarms: readonly AlarmDefinition[]): void {
    for (const alarm of alarms) this.#alarms.set(alarm, 'INSUFFICIENT_DATA');
  }

  /** The state of each alarm, by name. */
  states(): Readonly<Record<string, AlarmState>> {
    return Object.fromEntries([...this.#alarms].map(([alarm, state]) => [alarm.name, state]));
  }

  /** Judges all alarms, as CloudWatch does once a minute; those that have changed. */
  evaluate(now: number): readonly AlarmChange[] {
    const changes: AlarmChange[] = [];
    for (const [alarm, from] of this.#alarms) {
      const read = (namespace: string, name: string, dimensions: Dimensions) =>
        this.values(namespace, name, dimensions);
      const to = judgeAlarm(alarm, read, now);
      if (to === from) continue;
      this.#alarms.set(alarm, to);
      changes.push({ alarm, from, to, at: now });
    }
    return changes;
  }
}

function metricKey(namespace: string, name: string, dimensions: Dimensions): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).toSorted()]);
}
