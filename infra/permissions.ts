import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DUE_INDEX } from '../lambdas/core/rows.ts';
import type { TargetDeclaration } from '../lambdas/core/target-declaration.ts';
import { channelGrants } from './channel-grants.ts';
import type { ChannelParts } from './channels.ts';
import { dnsGrants } from './dns-permissions.ts';
import type { DnsReach } from './dns-reach.ts';
import { type Grant, grant } from './grant.ts';
import { executionArns, type MachineName, machineArn } from './machine-names.ts';
import type { Needs } from './needs.ts';
import { parameterArns } from './parameters.ts';
import { targetGrants } from './targets/grants.ts';
import { secretArn } from './targets/secrets-manager.ts';

/** Resources and regions that grants name. */
export type Granted = {
  readonly tableArn: string;
  readonly watchTableArn: string;
  readonly topicArn: string;
  readonly sealingKeyArn: string;
  /** Secrets that hold the keys of external accounts. */
  readonly secretNames: readonly string[];
  /** Where challenges may be published. */
  readonly dns: DnsReach;
  readonly targets: readonly TargetDeclaration[];
  readonly channels: readonly ChannelParts[];
};

/** What a Lambda's needs come to, without topic, log group and inventory, which grant themselves. */
export function grantsFor(scope: Construct, needs: Needs, granted: Granted): readonly Grant[] {
  return [
    ...(needs.table.length > 0 ? [grant('dynamodb', needs.table, [granted.tableArn])] : []),
    ...(needs.dueIndex ? [grant('dynamodb', ['Query'], [`${granted.tableArn}/index/${DUE_INDEX}`])] : []),
    ...keyGrants(needs.keys, granted.sealingKeyArn),
    ...(needs.registers ? secretGrants(scope, granted.secretNames) : []),
    ...(needs.dns ? dnsGrants(scope, needs.dns, granted.dns) : []),
    ...(needs.pushes ? targetGrants(scope, needs.pushes, granted.targets) : []),
    ...(needs.parameters ? [grant('ssm', ['PutParameter'], [parameterArns(scope)])] : []),
    ...(needs.starts ? [grant('states', ['StartExecution'], arns(scope, needs.starts, machineArn))] : []),
    ...(needs.describes ? [grant('states', ['DescribeExecution'], arns(scope, needs.describes, executionArns))] : []),
    ...(needs.watches ? watchGrants(granted) : []),
    ...(needs.delivers ? channelGrants(scope, granted.channels) : []),
    ...(needs.publishes ? [grant('events', ['PutEvents'], [defaultBusArn(scope)])] : []),
  ];
}

function watchGrants({ watchTableArn, topicArn }: Granted): readonly Grant[] {
  return [
    grant('dynamodb', ['GetItem', 'UpdateItem', 'Query'], [watchTableArn]),
    grant('sns', ['ListSubscriptionsByTopic'], [topicArn]),
  ];
}

/**
 * Keys of the purposes that the Lambda works with, by the encryption context that KMS binds them to.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context
 */
function keyGrants(keys: Needs['keys'], sealingKeyArn: string): readonly Grant[] {
  const actions = [
    ['Encrypt', keys?.seals ?? []],
    ['Decrypt', keys?.opens ?? []],
  ] as const;
  return actions.flatMap(([action, purposes]) =>
    purposes.length === 0
      ? []
      : [grant('kms', [action], [sealingKeyArn], { StringEquals: { 'kms:EncryptionContext:purpose': purposes } })],
  );
}

function secretGrants(scope: Construct, names: readonly string[]): readonly Grant[] {
  if (names.length === 0) return [];
  return [
    grant(
      'secretsmanager',
      ['GetSecretValue'],
      names.map((name) => secretArn(scope, name)),
    ),
  ];
}

function defaultBusArn(scope: Construct): string {
  return Stack.of(scope).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
}

function arns(
  scope: Construct,
  machines: readonly MachineName[],
  arnOf: (scope: Construct, machine: MachineName) => string,
): readonly string[] {
  return machines.map((machine) => arnOf(scope, machine));
}
