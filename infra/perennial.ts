import { Annotations, Stack, Tags } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Rule } from 'aws-cdk-lib/aws-events';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Schedule } from 'aws-cdk-lib/aws-scheduler';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { createAlarms } from './alarms.ts';
import { createChannelAlarm } from './channel-alarm.ts';
import { type ChannelParts, connectAlarms, connectChannels, createChannels } from './channels.ts';
import { importWarnings } from './config/acm-imports.ts';
import type { ResolvedConfig } from './config/resolved.ts';
import { createDashboard } from './dashboard.ts';
import { createFunctions, type HandlerCode, type HandlerFunctions } from './functions.ts';
import { createInventory } from './inventory.ts';
import { createSealingKey } from './keys.ts';
import { createLogQueries } from './log-queries.ts';
import type { MachineName } from './machine-names.ts';
import { createPruning } from './pruning.ts';
import { publishedVersion } from './published-version.ts';
import { createPushMachine } from './push-machine.ts';
import { createRenewalMachine } from './renewal-machine.ts';
import { refuseReservedNames } from './reserved-names-rule.ts';
import { createSchedule } from './schedule.ts';
import { createSettleMachine } from './settle-machine.ts';
import { createStatusRule } from './status-rule.ts';
import { createSweepMachine } from './sweep-machine.ts';
import { createTable } from './table.ts';
import { createTopic } from './topic.ts';
import { createWatch, createWatchTable } from './watch.ts';

/** What is kept alive, and the code that does it. */
export type PerennialProps = {
  readonly config: ResolvedConfig;
  readonly code: HandlerCode;
};

/** Everything that keeps the configured certificates alive in one account and region. */
export class Perennial extends Construct {
  readonly table: Table;
  readonly watchTable: Table;
  readonly sealingKey: Key;
  readonly topic: Topic;
  readonly schedule: Schedule;
  readonly watchSchedule: Schedule;
  readonly statusRule: Rule;
  readonly alarms: readonly Alarm[];
  readonly channels: readonly ChannelParts[];
  readonly functions: HandlerFunctions;
  readonly machines: Readonly<Record<MachineName, StateMachine>>;

  constructor(scope: Construct, id: string, { config, code }: PerennialProps) {
    super(scope, id);
    refuseSecond(this);
    Tags.of(this).add('application', 'perennial');
    refuseReservedNames(this, config.declarations);
    for (const warning of importWarnings(config.declarations, config.acmImportQuota))
      Annotations.of(this).addWarningV2('perennial:acm-imports', warning);
    this.table = createTable(this);
    this.topic = createTopic(this, config.alerts);
    this.channels = createChannels(this, config.alerts.channels ?? [], this.topic);
    this.sealingKey = createSealingKey(this);
    this.watchTable = createWatchTable(this);
    this.functions = createFunctions(this, {
      table: this.table,
      watchTable: this.watchTable,
      topic: this.topic,
      channels: this.channels,
      sealingKey: this.sealingKey,
      config,
      code,
    });
    createLogQueries(this, this.functions);
    this.machines = createMachines(this, this.functions);
    const { renewal, push, settle, sweep } = this.machines;
    this.schedule = createSchedule(this, sweep, config.checkIntervalSeconds);
    this.statusRule = createStatusRule(this, [renewal, push, settle], this.functions['record-failure']);
    connectChannels(this.channels, this.topic, publishedVersion(this.functions['deliver-alert']));
    for (const channel of this.channels) createChannelAlarm(channel, this.topic);
    this.watchSchedule = createWatch(this, config, this.functions.watch);
    const inventory = createInventory(this, config, this.functions['sync-inventory'], this.functions.watch);
    // The first sweep starts with the inventory, so all that it leads to must be there.
    inventory.node.addDependency(...Object.values(this.machines), this.schedule, this.watchSchedule);
    inventory.node.addDependency(this.statusRule, this.topic);
    inventory.node.addDependency(...Object.values(this.functions));
    this.alarms = createAlarms(this, {
      checkIntervalSeconds: config.checkIntervalSeconds,
      functions: this.functions,
      statusRule: this.statusRule,
      topic: this.topic,
    });
    connectAlarms(this.channels, this.alarms, this.topic);
    createDashboard(this, this.alarms, this.machines);
    // What must happen now and then has happened once before its absence alarms.
    for (const alarm of this.alarms) alarm.node.addDependency(inventory);
    createPruning(this, this.functions, [inventory]);
  }
}

/** Machines are named after their stack. */
function refuseSecond(perennial: Perennial): void {
  const stack = Stack.of(perennial);
  const others = stack.node.findAll().filter((construct) => construct instanceof Perennial && construct !== perennial);
  if (others.length === 0) return;
  throw new Error(
    `${perennial.node.path}: the stack ${stack.stackName} has a Perennial already; put this one into a stack of its own`,
  );
}

function createMachines(scope: Construct, functions: HandlerFunctions): Record<MachineName, StateMachine> {
  return {
    renewal: createRenewalMachine(scope, functions),
    push: createPushMachine(scope, functions),
    settle: createSettleMachine(scope, functions),
    sweep: createSweepMachine(scope, functions),
  };
}
