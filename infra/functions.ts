import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture, type Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { TIMEOUTS } from '../lambdas/core/timeouts.ts';
import { type ChannelParts, channelsEnvironment } from './channels.ts';
import type { ResolvedConfig } from './config/resolved.ts';
import { dnsReachOf } from './dns-reach.ts';
import { statementOf } from './grant.ts';
import { HANDLER_NAMES, HANDLERS, type HandlerName, pascalCase } from './handlers.ts';
import { SYNC_MEMORY_MB, SYNC_SECONDS } from './inventory.ts';
import { machineArn } from './machine-names.ts';
import { NEEDS, type Needs } from './needs.ts';
import { ownParameterPrefix } from './parameters.ts';
import { type Granted, grantsFor } from './permissions.ts';
import { WATCH_MEMORY_MB, WATCH_SECONDS } from './watch.ts';

/** Where a handler's code comes from: its bundle, or a placeholder where only the template matters. */
export type HandlerCode = (handler: HandlerName) => Code;

/** What the Lambdas work on. */
export type FunctionParts = {
  readonly table: Table;
  readonly watchTable: Table;
  readonly sealingKey: Key;
  readonly topic: Topic;
  readonly channels: readonly ChannelParts[];
  readonly config: ResolvedConfig;
  readonly code: HandlerCode;
};

/** All Lambdas by handler. */
export type HandlerFunctions = Readonly<Record<HandlerName, LambdaFunction>>;

/** One Lambda a handler, each with a role and a log group of its own. */
export function createFunctions(scope: Construct, parts: FunctionParts): HandlerFunctions {
  const entries = HANDLER_NAMES.map((name) => [name, createFunction(scope, name, parts)] as const);
  return Object.fromEntries(entries) as HandlerFunctions;
}

function createFunction(scope: Construct, name: HandlerName, parts: FunctionParts): LambdaFunction {
  const own = new Construct(scope, pascalCase(name));
  const logGroup = new LogGroup(own, 'Logs', {
    retention: RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(own, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  for (const granted of grantsFor(own, NEEDS[name], grantedOf(parts))) role.addToPolicy(statementOf(granted));
  if (NEEDS[name].publishes) parts.topic.grantPublish(role);
  if (NEEDS[name].delivers) for (const { topic } of parts.channels) topic?.grantPublish(role);
  return new LambdaFunction(own, 'Function', {
    description: HANDLERS[name],
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    ...sizeOf(name),
    handler: 'index.handler',
    code: parts.code(name),
    environment: environmentOf(own, NEEDS[name], parts),
    role,
    logGroup,
    // A running execution keeps calling the version it was defined with; a deployment must not delete it.
    currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
  });
}

/** All but the one that a deployment waits for are steps, whose time is a link of the timeout chain. */
function sizeOf(name: HandlerName): { readonly memorySize: number; readonly timeout: Duration } {
  if (name === 'sync-inventory') return { memorySize: SYNC_MEMORY_MB, timeout: Duration.seconds(SYNC_SECONDS) };
  if (name === 'watch') return { memorySize: WATCH_MEMORY_MB, timeout: Duration.seconds(WATCH_SECONDS) };
  return { memorySize: 256, timeout: Duration.seconds(TIMEOUTS.lambda) };
}

function grantedOf(parts: FunctionParts): Granted {
  return {
    tableArn: parts.table.tableArn,
    watchTableArn: parts.watchTable.tableArn,
    topicArn: parts.topic.topicArn,
    sealingKeyArn: parts.sealingKey.keyArn,
    dns: dnsReachOf(parts.config),
    secretNames: externalAccountSecrets(parts.config),
    targets: parts.config.declarations.flatMap(({ targets }) => targets),
    channels: parts.channels,
  };
}

function externalAccountSecrets({ declarations }: ResolvedConfig): readonly string[] {
  const used = declarations.flatMap(({ cas }) => cas.flatMap(({ externalAccount }) => externalAccount ?? []));
  return [...new Set(used.map(({ secretName }) => secretName))].sort();
}

function environmentOf(scope: Construct, needs: Needs, parts: FunctionParts): Record<string, string> {
  const machines = (needs.starts ?? []).map((machine) => [
    `${machine.toUpperCase()}_MACHINE_ARN`,
    machineArn(scope, machine),
  ]);
  return {
    NODE_OPTIONS: '--enable-source-maps',
    POWERTOOLS_LOG_LEVEL: 'INFO',
    ...(needs.table.length > 0 && { TABLE_NAME: parts.table.tableName }),
    ...(needs.keys && { KEY_ARN: parts.sealingKey.keyArn }),
    ...(needs.parameters && { PARAMETER_PREFIX: ownParameterPrefix(scope) }),
    ...(needs.watches && { WATCH_TABLE_NAME: parts.watchTable.tableName, STACK_NAME: Stack.of(scope).stackName }),
    ...(needs.publishes && { TOPIC_ARN: parts.topic.topicArn }),
    ...(needs.delivers && channelsEnvironment(scope, parts.channels)),
    ...(needs.dns && dnsEnvironment(parts.config)),
    ...Object.fromEntries(machines),
  };
}

function dnsEnvironment(config: ResolvedConfig): Record<string, string> {
  const { nameServers, resolvers } = config.dns;
  const { zones, only } = dnsReachOf(config);
  return {
    ...(zones.length > 0 && { DNS_ZONES: JSON.stringify({ zones, only }) }),
    ...(nameServers && { NAME_SERVERS: JSON.stringify(nameServers) }),
    ...(resolvers && { DNS_RESOLVERS: JSON.stringify(resolvers) }),
  };
}
