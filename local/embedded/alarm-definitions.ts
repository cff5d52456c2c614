import { z } from 'zod';
import type { AlarmDefinition } from '../aws/cloudwatch-alarms.ts';
import { resolveValue, type TemplateResources } from './template-values.ts';

const dimensions = z.array(z.strictObject({ Name: z.string(), Value: z.string() })).default([]);
const statistic = z.enum(['Sum', 'Maximum']);

const common = {
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.string()),
  ComparisonOperator: z.enum(['LessThanThreshold', 'GreaterThanOrEqualToThreshold']),
  EvaluationPeriods: z.number(),
  DatapointsToAlarm: z.number(),
  Threshold: z.number(),
  TreatMissingData: z.enum(['breaching', 'notBreaching']),
  Tags: z.unknown().optional(),
};

const single = z.strictObject({
  ...common,
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: dimensions,
  Statistic: statistic,
  Period: z.number(),
});

const stat = z.strictObject({
  Id: z.string(),
  MetricStat: z.strictObject({
    Metric: z.strictObject({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions }),
    Period: z.number(),
    Stat: statistic,
  }),
  ReturnData: z.literal(false),
});
const expression = z.strictObject({
  Id: z.string(),
  Label: z.string().optional(),
  Expression: z.string().regex(/^(FILL\(\w+, 0\)( \+ FILL\(\w+, 0\))*|IF\(FILL\(sweeps, 0\) > 0, value, 0\))$/),
  Period: z.number().optional(),
  ReturnData: z.literal(true).optional(),
});
const math = z.strictObject({ ...common, Metrics: z.array(z.union([stat, expression])) });

/** The alarms of a template. What the embedded account could not judge is refused. */
export function alarmsOf(resources: TemplateResources): readonly AlarmDefinition[] {
  return Object.values(resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => alarmOf(resolveValue(Properties, resources)));
}

function alarmOf(properties: unknown): AlarmDefinition {
  const parsed = z.union([single, math]).parse(properties);
  const base = {
    name: parsed.AlarmName,
    description: parsed.AlarmDescription,
    evaluationPeriods: parsed.EvaluationPeriods,
    datapointsToAlarm: parsed.DatapointsToAlarm,
    threshold: parsed.Threshold,
    comparison: parsed.ComparisonOperator,
    missing: parsed.TreatMissingData,
    actions: parsed.AlarmActions,
  };
  if ('MetricName' in parsed) {
    const { Namespace, MetricName, Dimensions, Statistic, Period } = parsed;
    const metric = { namespace: Namespace, name: MetricName, dimensions: named(Dimensions), statistic: Statistic };
    return { ...base, metrics: [metric], isFilled: false, periodMs: Period * 1000 };
  }
  const stats = parsed.Metrics.flatMap((metric) => ('MetricStat' in metric ? [metric.MetricStat] : []));
  const metrics = stats.map(({ Metric: { Namespace, MetricName, Dimensions }, Stat }) => ({
    namespace: Namespace,
    name: MetricName,
    dimensions: named(Dimensions),
    statistic: Stat,
  }));
  const periodMs = (stats[0]?.Period ?? 0) * 1000;
  const isGated = parsed.Metrics.some((metric) => 'Expression' in metric && metric.Expression.startsWith('IF('));
  const [gate, ...values] = metrics.toSorted((one) => (one.name === 'ExecutionsSucceeded' ? -1 : 1));
  if (isGated && gate !== undefined) return { ...base, metrics: values, gate, isFilled: false, periodMs };
  return { ...base, metrics, isFilled: true, periodMs };
}

function named(list: readonly { readonly Name: string; readonly Value: string }[]): Readonly<Record<string, string>> {
  return Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]));
}
