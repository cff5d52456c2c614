import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC_NAMESPACE } from '../core/metric-names.ts';
import type { FleetMetrics } from '../core/ports.ts';

/**
 * Writes metrics as one line of the Lambda's log, from which CloudWatch takes them (embedded metric format); their one
 * dimension is `service`, the stack.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function createFleetMetrics(stackName: string): FleetMetrics {
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: stackName });
  return {
    publish: (values) => {
      for (const [name, value] of Object.entries(values)) metrics.addMetric(name, unitOf(name), value);
      metrics.publishStoredMetrics();
    },
  };
}

function unitOf(name: string) {
  return name.endsWith('Percent') ? MetricUnit.Percent : MetricUnit.Count;
}
