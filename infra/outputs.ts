import type { MachineName } from './machine-names.ts';

/** What the stack is called unless CDK context `stack` says otherwise. */
export const DEFAULT_STACK_NAME = 'Perennial';

/** Names of the stack's outputs: where a person's tools find what is in the account. */
export const OUTPUTS = {
  table: 'TableName',
  topic: 'TopicArn',
  schedule: 'ScheduleName',
  watchTable: 'WatchTableName',
  watchSchedule: 'WatchScheduleName',
  channels: 'Channels',
} as const;

/** Output that names each machine's ARN. */
export const MACHINE_OUTPUTS: Readonly<Record<MachineName, string>> = {
  renewal: 'RenewalMachineArn',
  push: 'PushMachineArn',
  settle: 'SettleMachineArn',
  sweep: 'SweepMachineArn',
};
