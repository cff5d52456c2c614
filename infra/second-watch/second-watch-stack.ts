import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Trigger } from 'aws-cdk-lib/triggers';
import type { Construct } from 'constructs';
import { WATCH_LIST_FILE, watchListOf } from '../../lambdas/core/watch-list.ts';
import { silentSeconds, WATCH_SILENT_HOURS } from '../alarm-table.ts';
import { withHandler } from '../bundle/bundle-one.ts';
import type { ResolvedConfig } from '../config/resolved.ts';
import { grant, statementOf } from '../grant.ts';
import { machineArnAt, type StackPlace } from '../machine-names.ts';
import { OUTPUTS } from '../outputs.ts';
import { createTopic } from '../topic.ts';
import { scheduleHourly, WATCH_MEMORY_MB, WATCH_SECONDS } from '../watch.ts';
import { createSecondAlarms } from './second-watch-alarms.ts';

/** What is watched from another region, and where it is. */
export type SecondWatchProps = {
  readonly config: ResolvedConfig;
  /** The stack that keeps the certificates alive, in the same account. */
  readonly watched: StackPlace;
  /** Bundled where it is left out. */
  readonly code?: Code;
};

/**
 * A stack in another region that watches one of Perennial: its sweeps and watches as CloudWatch counts them, and what is
 * served. It has a topic, a key and subscriptions of its own, so that people are told even where the region of the first is
 * gone.
 */
export class SecondWatchStack extends Stack {
  readonly topic: Topic;
  readonly handler: LambdaFunction;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { config, watched, code, ...props }: StackProps & SecondWatchProps) {
    super(scope, id, { description: 'Watches Perennial from another region', ...props });
    Tags.of(this).add('application', 'perennial');
    this.topic = createTopic(this, config.alerts);
    const create = (bundled: Code) => this.#createHandler(bundled, config.checkIntervalSeconds, watched);
    this.handler = code === undefined ? withHandler('second-watch', create, listOf(config)) : create(code);
    scheduleHourly(this, this.handler);
    const look = new Trigger(this, 'Look', { handler: this.handler, timeout: Duration.seconds(WATCH_SECONDS) });
    this.alarms = createSecondAlarms(this, this.topic);
    // What must happen now and then has happened once before its absence alarms.
    for (const alarm of this.alarms) alarm.node.addDependency(look);
    new CfnOutput(this, OUTPUTS.topic, { value: this.topic.topicArn });
  }

  #createHandler(code: Code, checkIntervalSeconds: number, watched: StackPlace): LambdaFunction {
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    // CloudWatch knows no resources for metrics.
    role.addToPolicy(statementOf(grant('cloudwatch', ['GetMetricData'], ['*'])));
    role.addToPolicy(statementOf(grant('sns', ['ListSubscriptionsByTopic'], [this.topic.topicArn])));
    return new LambdaFunction(this, 'Function', {
      description: 'Looks at the watched stack, and at what is served',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: WATCH_MEMORY_MB,
      timeout: Duration.seconds(WATCH_SECONDS),
      handler: 'index.handler',
      code,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_LOG_LEVEL: 'INFO',
        STACK_NAME: this.stackName,
        TOPIC_ARN: this.topic.topicArn,
        WATCHED_STACK: watched.stackName,
        WATCHED_REGION: watched.region,
        SWEEP_MACHINE_ARN: machineArnAt(this, watched, 'sweep'),
        SWEEPS_WITHIN_SECONDS: String(silentSeconds(checkIntervalSeconds)),
        WATCHES_WITHIN_SECONDS: String(WATCH_SILENT_HOURS * 3600),
      },
      role,
      logGroup,
    });
  }
}

/** Beside the code, so that nothing has to be read from anywhere to know what is watched. */
function listOf({ declarations }: ResolvedConfig): Readonly<Record<string, string>> {
  return { [WATCH_LIST_FILE]: JSON.stringify(watchListOf(declarations)) };
}
