import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { METRIC_NAMESPACE, type MetricName, type SecondMetricName } from '../lambdas/core/metric-names.ts';
import {
  type AlarmRow,
  type AlarmTerms,
  alarmNameIn,
  alarmTable,
  type ExecutionCount,
  runbookHint,
} from './alarm-table.ts';
import type { HandlerFunctions } from './functions.ts';
import { pascalCase } from './handlers.ts';
import { machineArn } from './machine-names.ts';

/** What alarms look at, and where they speak. */
export type AlarmParts = {
  readonly checkIntervalSeconds: number;
  readonly functions: HandlerFunctions;
  readonly statusRule: Rule;
  readonly topic: ITopic & { readonly topicName: string };
};

/** Creates every alarm; each tells the topic when it begins, and a rule tells when it is over. */
export function createAlarms(parent: Construct, parts: AlarmParts): readonly Alarm[] {
  const scope = new Construct(parent, 'Alarms');
  const alarms = alarmTable(parts.checkIntervalSeconds).map((row) =>
    createAlarm(scope, row, metricOf(scope, row, parts), parts.topic),
  );
  tellTheirEnd(scope, alarms, parts.topic);
  return alarms;
}

/** An alarm by its terms, which tells the topic when it begins. */
export function createAlarm(scope: Construct, terms: AlarmTerms, metric: IMetric, topic: ITopic): Alarm {
  const isHeartbeat = terms.missing === 'breaching';
  const alarm = new Alarm(scope, pascalCase(terms.name), {
    alarmName: alarmNameIn(Stack.of(scope).stackName, terms.name),
    alarmDescription: `${terms.says}. ${runbookHint(terms.name)}`,
    metric,
    threshold: terms.threshold,
    comparisonOperator: isHeartbeat
      ? ComparisonOperator.LESS_THAN_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: terms.of,
    datapointsToAlarm: terms.breaching,
    treatMissingData: isHeartbeat ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new SnsAction(topic));
  return alarm;
}

function metricOf(scope: Construct, { source, periodSeconds }: AlarmRow, parts: AlarmParts): IMetric {
  const period = Duration.seconds(periodSeconds);
  if ('metric' in source) return fleetMetric(scope, source.metric, period, source.statistic);
  if ('whileSweeping' in source) return gatedMetric(scope, source.whileSweeping, period);
  if ('executions' in source) return executionsMetric(scope, source.executions, period);
  if ('errorsOf' in source) return parts.functions[source.errorsOf].metricErrors({ period });
  if ('throttles' in source) return sum('AWS/Lambda', 'Throttles', {}, period);
  if ('failedEvents' in source)
    return sum('AWS/Events', 'FailedInvocations', { RuleName: parts.statusRule.ruleName }, period);
  if ('undelivered' in source)
    return sum('AWS/SNS', 'NumberOfNotificationsFailed', { TopicName: parts.topic.topicName }, period);
  const beats =
    source.heartbeat === 'sweep'
      ? executionsOf(scope, { machine: 'sweep', metric: 'ExecutionsSucceeded' }, period)
      : fleetMetric(scope, 'WatchCompleted', period, 'Sum');
  return heartbeatMetric(beats, source.heartbeat, period);
}

function sum(namespace: string, metricName: string, dimensionsMap: Record<string, string>, period: Duration): Metric {
  return new Metric({ namespace, metricName, dimensionsMap, statistic: 'Sum', period });
}

/** One of the figures that the watch of this stack writes. */
export function fleetMetric(
  scope: Construct,
  metricName: MetricName | SecondMetricName,
  period: Duration,
  statistic: string,
): Metric {
  const dimensionsMap = { service: Stack.of(scope).stackName };
  return new Metric({ namespace: METRIC_NAMESPACE, metricName, dimensionsMap, statistic, period });
}

function executionsOf(
  scope: Construct,
  { machine, metric }: { machine: ExecutionCount['machine']; metric: string },
  period: Duration,
): Metric {
  return sum('AWS/States', metric, { StateMachineArn: machineArn(scope, machine) }, period);
}

function executionsMetric(scope: Construct, counts: readonly ExecutionCount[], period: Duration): MathExpression {
  const metrics = counts.map((count, at) => [`m${at}`, executionsOf(scope, count, period)] as const);
  return new MathExpression({
    expression: metrics.map(([id]) => `FILL(${id}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics),
    label: 'executions',
    period,
  });
}

function gatedMetric(scope: Construct, name: MetricName, period: Duration): MathExpression {
  const sweeps = executionsOf(scope, { machine: 'sweep', metric: 'ExecutionsSucceeded' }, period);
  const value = fleetMetric(scope, name, period, 'Maximum');
  const expression = 'IF(FILL(sweeps, 0) > 0, value, 0)';
  return new MathExpression({ expression, usingMetrics: { sweeps, value }, label: name, period });
}

/**
 * Periods in which it did not happen count as 0. Without that an alarm would go on reading the last values that there were,
 * and come late. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function heartbeatMetric(beats: Metric, label: string, period: Duration): MathExpression {
  return new MathExpression({ expression: 'FILL(beats, 0)', usingMetrics: { beats }, label, period });
}

/** An alarm's own action for OK would also come when it is new; this comes only after it has alarmed. */
export function tellTheirEnd(scope: Construct, alarms: readonly Alarm[], topic: ITopic): void {
  new Rule(scope, 'EndRule', {
    description: 'Tells when an alarm is over',
    eventPattern: {
      source: ['aws.cloudwatch'],
      detailType: ['CloudWatch Alarm State Change'],
      resources: alarms.map(({ alarmArn }) => alarmArn),
      detail: { state: { value: ['OK'] }, previousState: { value: ['ALARM'] } },
    },
    targets: [
      new SnsTopic(topic, {
        message: RuleTargetInput.fromText(
          `The alarm ${EventField.fromPath('$.detail.alarmName')} is over since ${EventField.fromPath('$.time')}. Nothing is to be done.`,
        ),
      }),
    ],
  });
}
