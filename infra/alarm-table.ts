import type { MetricName } from '../lambdas/core/metric-names.ts';

const HOUR = 3600;
const QUARTER = 900;

/** When no sweep has succeeded for this long, nothing is renewed; three intervals, where those are longer. Seconds. */
const DEAD_AFTER_S = 2 * HOUR;

/** The watch comes to its end once an hour; twice may fail. Hours. */
export const WATCH_SILENT_HOURS = 3;

/** Where an alarm looks. */
export type AlarmSource =
  | { readonly metric: MetricName; readonly statistic: 'Maximum' }
  /** As `metric`, but 0 while no sweep succeeds, which has an alarm of its own. */
  | { readonly whileSweeping: MetricName }
  /** Sum over machines of what AWS counts of their executions. */
  | { readonly executions: readonly ExecutionCount[] }
  /** Errors of Lambdas. */
  | { readonly errorsOf: 'record-failure' | 'watch' }
  /** Calls of Lambdas in the region that had no room. */
  | { readonly throttles: 'region' }
  /** Events that the status rule could not hand over. */
  | { readonly failedEvents: 'status-rule' }
  /** Alerts that SNS could not deliver. */
  | { readonly undelivered: 'topic' }
  /** Something that must happen: each period without it counts. */
  | { readonly heartbeat: 'sweep' | 'watch' };

/** What AWS/States counts, of one machine. */
export type ExecutionCount = {
  readonly machine: 'renewal' | 'push' | 'settle' | 'sweep';
  readonly metric: 'ExecutionsFailed' | 'ExecutionsTimedOut';
};

/** When an alarm is given. Its section in `docs/runbook.md` has its name. */
export type AlarmTerms = {
  readonly name: string;
  readonly says: string;
  readonly periodSeconds: number;
  /** So many of so many periods. */
  readonly breaching: number;
  readonly of: number;
  readonly threshold: number;
  /** A heartbeat is breaching where it is missing, and below its threshold; all else is at it or above. */
  readonly missing: 'breaching' | 'notBreaching';
};

/** One alarm of the stack. */
export type AlarmRow = AlarmTerms & { readonly source: AlarmSource };

/** For how long sweeps may not succeed. Seconds. */
export function silentSeconds(checkIntervalSeconds: number): number {
  return Math.max(DEAD_AFTER_S, 3 * checkIntervalSeconds);
}

/** What CloudWatch calls an alarm of a stack. */
export function alarmNameIn(stackName: string, name: string): string {
  return `${stackName}-${name}`;
}

/** Name, in its stack, of the alarm about a channel's dead letters. */
export function channelAlarmName(channel: string): string {
  return `channel-${channel}`;
}

/** Where a person reads what to do about an alarm. */
export function runbookHint(name: string): string {
  return `What to do: docs/runbook.md, "${name}".`;
}

/** Of an alarm that comes when something has been so in each of so many hours. */
export function eachHour(name: string, says: string, hours: number, threshold = 1): AlarmTerms {
  return { name, says, periodSeconds: HOUR, breaching: hours, of: hours, threshold, missing: 'notBreaching' };
}

const often = (name: string, says: string, metric: MetricName, hours: number, threshold?: number): AlarmRow => ({
  ...eachHour(name, says, hours, threshold),
  source: { metric, statistic: 'Maximum' },
});

const dead = (
  name: string,
  says: string,
  heartbeat: 'sweep' | 'watch',
  periodSeconds: number,
  of: number,
): AlarmRow => ({
  name,
  says,
  source: { heartbeat },
  periodSeconds,
  breaching: of,
  of,
  threshold: 1,
  missing: 'breaching',
});

/** Judged by a single hour; without a value all is well. */
const ONE_HOUR = { periodSeconds: HOUR, breaching: 1, of: 1, missing: 'notBreaching' } as const;

/**
 * All alarms. What a message has told already alarms only when nobody has mended it for days; what no message can tell alarms
 * at once.
 */
export function alarmTable(checkIntervalSeconds: number): readonly AlarmRow[] {
  const silent = Math.ceil(silentSeconds(checkIntervalSeconds) / QUARTER);
  return [
    dead('sweep-missing', 'No sweep has succeeded: nothing is renewed or pushed', 'sweep', QUARTER, silent),
    dead(
      'watch-missing',
      'The watch has not come to its end for three hours: nobody looks at what is served',
      'watch',
      HOUR,
      WATCH_SILENT_HOURS,
    ),
    often(
      'certificates-at-risk',
      'Something is wrong where certificates are served, for a day',
      'CertificatesAtRisk',
      24,
    ),
    often('certificates-failing', 'Renewals fail for three days', 'CertificatesFailing', 72),
    often('pushes-failing', 'Pushes fail for three days', 'PushesFailing', 72),
    {
      ...often('work-overdue', 'Sweeps run and yet something due is not started', 'OldestOverdueMinutes', 2),
      source: { whileSweeping: 'OldestOverdueMinutes' },
      threshold: 60 + (3 * checkIntervalSeconds) / 60,
    },
    often('limit-used-up', "A CA's limit is used up for a day: new certificates wait", 'LimitUsedPercent', 24, 95),
    often('acm-imports', 'Four fifths of a year’s imports into ACM are used', 'AcmImportsUsedPercent', 3, 80),
    often('dns-left-over', 'TXT values of validations cannot be removed for a day', 'DnsRecordsLeftOver', 24),
    often(
      'subscriptions-unconfirmed',
      'Somebody has not confirmed their alerts for three days',
      'UnconfirmedSubscriptions',
      72,
    ),
    {
      name: 'executions-ending-badly',
      says: 'Executions time out, or sweeps fail',
      source: {
        executions: [
          { machine: 'renewal', metric: 'ExecutionsTimedOut' },
          { machine: 'push', metric: 'ExecutionsTimedOut' },
          { machine: 'settle', metric: 'ExecutionsTimedOut' },
          { machine: 'sweep', metric: 'ExecutionsTimedOut' },
          { machine: 'sweep', metric: 'ExecutionsFailed' },
        ],
      },
      ...ONE_HOUR,
      threshold: 3,
    },
    {
      name: 'failures-unrecorded',
      says: 'RecordFailure fails: failures are neither told nor tried again in time',
      source: { errorsOf: 'record-failure' },
      ...ONE_HOUR,
      threshold: 3,
    },
    {
      name: 'watch-failing',
      says: 'The watch fails again and again',
      source: { errorsOf: 'watch' },
      periodSeconds: HOUR,
      breaching: 2,
      of: 3,
      threshold: 1,
      missing: 'notBreaching',
    },
    {
      name: 'lambdas-throttled',
      says: 'The region has no room for more Lambdas, in three of four quarters of an hour',
      source: { throttles: 'region' },
      periodSeconds: QUARTER,
      breaching: 3,
      of: 4,
      threshold: 1,
      missing: 'notBreaching',
    },
    {
      name: 'events-undelivered',
      says: 'The status rule could not hand an ended execution to RecordFailure',
      source: { failedEvents: 'status-rule' },
      ...ONE_HOUR,
      threshold: 1,
    },
    {
      name: 'alerts-undelivered',
      says: 'SNS could not deliver alerts to one of those who are told',
      source: { undelivered: 'topic' },
      ...ONE_HOUR,
      threshold: 1,
    },
  ];
}
