import { type CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { METRIC_NAMESPACE, type MetricName } from '../core/metric-names.ts';
import type { Clock, Heartbeats } from '../core/ports.ts';

/** The stack whose heartbeats are read, and within which time there has to be one. */
export type WatchedStack = {
  readonly stackName: string;
  readonly sweepMachineArn: string;
  /** Milliseconds. */
  readonly sweepsWithinMs: number;
  readonly watchesWithinMs: number;
};

/** A region that does not answer is told within the minute, not after the SDK's patience. */
export const HEARTBEAT_SETTINGS = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;

/** Values are summed by the minute, so that a period counts which has begun before the time asked for. Seconds. */
const PERIOD_S = 60;
const WATCH_COMPLETED: MetricName = 'WatchCompleted';

/**
 * Reads from CloudWatch, in the region of `client` (made with {@link HEARTBEAT_SETTINGS}), how many sweeps have succeeded and how many watches have come to their end.
 * Throws where a metric is not told whole.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export function createHeartbeats(
  client: CloudWatchClient,
  clock: Clock,
  stack: WatchedStack,
): () => Promise<Heartbeats> {
  return async () => {
    const now = clock.now();
    const sweeps = query('AWS/States', 'ExecutionsSucceeded', { StateMachineArn: stack.sweepMachineArn });
    const watches = query(METRIC_NAMESPACE, WATCH_COMPLETED, { service: stack.stackName });
    return {
      sweeps: await sumOf(client, sweeps, now - stack.sweepsWithinMs, now),
      watches: await sumOf(client, watches, now - stack.watchesWithinMs, now),
    };
  };
}

function query(Namespace: string, MetricName: string, dimensions: Readonly<Record<string, string>>): MetricDataQuery {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return { Id: 'beats', MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: PERIOD_S, Stat: 'Sum' } };
}

async function sumOf(client: CloudWatchClient, beats: MetricDataQuery, from: number, until: number): Promise<number> {
  const { MetricDataResults: [result] = [] } = await client.send(
    new GetMetricDataCommand({ MetricDataQueries: [beats], StartTime: new Date(from), EndTime: new Date(until) }),
  );
  if (result?.StatusCode !== 'Complete')
    throw new Error(
      `CloudWatch answered ${result?.StatusCode ?? 'nothing'} for ${beats.MetricStat?.Metric?.MetricName}`,
    );
  return (result.Values ?? []).reduce((sum, value) => sum + value, 0);
}
