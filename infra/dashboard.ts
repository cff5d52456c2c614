import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IWidget,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { METRICS, type MetricName } from '../lambdas/core/metric-names.ts';
import { fleetMetric } from './alarms.ts';
import type { MachineName } from './machine-names.ts';

const FULL_WIDTH = 24;
const INTRO =
  '# Perennial\nWhat is served, as the watch sees it once an hour. An alarm that is red has a section of its name in `docs/runbook.md`.';

/** All figures and alarms on one page. */
export function createDashboard(
  scope: Construct,
  alarms: readonly Alarm[],
  machines: Readonly<Record<MachineName, StateMachine>>,
): Dashboard {
  return new Dashboard(scope, 'Dashboard', {
    widgets: [
      [new TextWidget({ markdown: INTRO, width: FULL_WIDTH, height: 2 })],
      [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: FULL_WIDTH, height: 4 })],
      [now(scope, ['CertificatesAtRisk', 'CertificatesFailing', 'PushesFailing', 'UnconfirmedSubscriptions'])],
      [
        graph(scope, 'Least that is left of a lifetime', ['MinimumRemainingPercent']),
        graph(scope, 'Late', ['OldestOverdueMinutes']),
        graph(scope, 'Limits of CAs and of ACM', ['LimitUsedPercent', 'AcmImportsUsedPercent']),
        graph(scope, 'DNS', ['DnsRecordsLeftOver']),
      ],
      [executions(machines)],
    ],
  });
}

function now(scope: Construct, names: readonly MetricName[]): IWidget {
  const metrics = names.map((name) => labelled(scope, name));
  return new SingleValueWidget({ title: 'Now', metrics, width: FULL_WIDTH, height: 4 });
}

function graph(scope: Construct, title: string, names: readonly MetricName[]): IWidget {
  return new GraphWidget({ title, left: names.map((name) => labelled(scope, name)), width: FULL_WIDTH / 4 });
}

function labelled(scope: Construct, name: MetricName) {
  return fleetMetric(scope, name, Duration.hours(1), 'Maximum').with({ label: METRICS[name] });
}

function executions(machines: Readonly<Record<MachineName, StateMachine>>): IWidget {
  const period = Duration.hours(1);
  return new GraphWidget({
    title: 'Executions',
    left: Object.entries(machines).map(([name, machine]) => machine.metricSucceeded({ period, label: `${name} done` })),
    right: Object.entries(machines).map(([name, machine]) => machine.metricFailed({ period, label: `${name} failed` })),
    width: FULL_WIDTH,
  });
}
