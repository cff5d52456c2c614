import { type CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { WATCH_SILENT_HOURS } from '../../infra/alarm-table.ts';
import { METRIC_NAMESPACE, type MetricName } from '../../lambdas/core/metric-names.ts';
import type { Table } from '../../lambdas/store/table.ts';
import { readNote } from '../../lambdas/store/watch.ts';
import type { StackPlaces } from '../account/stack.ts';
import { when } from '../output/times.ts';
import type { Check, Examine } from './check.ts';

const NAME = 'watch';
const SILENT_MS = WATCH_SILENT_HOURS * 3_600_000;

/** Figures by the minute are kept for 15 days. Milliseconds. */
const LONGEST_BACK_MS = 7 * 86_400_000;

/** Whether the watch comes to its end, and whether it can read what it compares with. */
export const lookAtWatch: Examine = async ({ clients }, { places, watchTable }, now) => {
  const last = await lastLook(clients.cloudWatch, places.name, now);
  return [lookCheck(last, places, now), ...(watchTable === undefined ? [] : await blindness(watchTable, now))];
};

/** When the last one ended, to the minute; undefined where that is a week ago or never. Milliseconds since the epoch. */
async function lastLook(client: CloudWatchClient, stack: string, now: number): Promise<number | undefined> {
  const { MetricDataResults: [result] = [] } = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries: [completionsOf(stack)],
      StartTime: new Date(now - LONGEST_BACK_MS),
      EndTime: new Date(now),
    }),
  );
  const ended = (result?.Timestamps ?? []).map((at) => at.getTime());
  return ended.length === 0 ? undefined : Math.max(...ended);
}

function completionsOf(stack: string): MetricDataQuery {
  const MetricName: MetricName = 'WatchCompleted';
  const Metric = { Namespace: METRIC_NAMESPACE, MetricName, Dimensions: [{ Name: 'service', Value: stack }] };
  return { Id: 'looks', MetricStat: { Metric, Period: 60, Stat: 'Sum' } };
}

function lookCheck(last: number | undefined, { deployedAt }: StackPlaces, now: number): Check {
  if (last !== undefined && now - last < SILENT_MS)
    return { name: NAME, ok: true, message: `its last look came to its end ${when(last, now)}` };
  if (last === undefined && now - deployedAt < SILENT_MS)
    return {
      name: NAME,
      ok: true,
      message: `no look has come to its end yet; it was deployed ${when(deployedAt, now)}`,
    };
  return {
    name: NAME,
    ok: false,
    message:
      last === undefined ? 'no look has come to its end in a week' : `its last look came to its end ${when(last, now)}`,
    remedy: 'What to do: docs/runbook.md, "watch-missing".',
  };
}

async function blindness(watchTable: Table, now: number): Promise<readonly Check[]> {
  const { since } = await readNote(watchTable, 'TABLE');
  if (since === undefined) return [];
  const message = `it cannot read the table since ${when(since, now)}, and judges what is served by ends, names and issuers alone`;
  return [{ name: 'watch sight', ok: false, message, remedy: 'What to do: docs/runbook.md, "watch.blind".' }];
}
