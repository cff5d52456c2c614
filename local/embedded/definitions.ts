import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import type { Construct } from 'constructs';
import { placeholderCode } from '../../infra/bundle/placeholder.ts';
import type { ResolvedConfig } from '../../infra/config/resolved.ts';
import { FEATURE_FLAGS } from '../../infra/feature-flags.ts';
import { HANDLER_NAMES, type HandlerName } from '../../infra/handlers.ts';
import type { MachineName } from '../../infra/machine-names.ts';
import { OUTPUTS } from '../../infra/outputs.ts';
import type { Perennial } from '../../infra/perennial.ts';
import { PerennialStack } from '../../infra/perennial-stack.ts';
import { resolveText, resolveValue, type TemplateResource, type TemplateResources } from './template-values.ts';

/** A machine as the stack defines it. */
export type MachineDefinition = {
  readonly machine: MachineName;
  readonly name: string;
  readonly arn: string;
  readonly definition: StateMachineDefinition;
};

/** A Lambda as the stack defines it. */
export type FunctionDefinition = {
  readonly handler: HandlerName;
  /** ARN of the published version, as definitions name it. */
  readonly versionArn: string;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
};

/** What the embedded account takes from the stack, unmodified but for tokens, which are literal ARNs. */
export type Definitions = {
  readonly machines: Readonly<Record<MachineName, MachineDefinition>>;
  readonly functions: Readonly<Record<HandlerName, FunctionDefinition>>;
  readonly table: TableDefinition;
  /** The pattern of the status rule. */
  readonly statusRule: { readonly status: readonly string[]; readonly stateMachineArn: readonly string[] };
  readonly stackName: string;
  /** The stack's output about its channels: JSON. */
  readonly channelsOutput: string;
  /** The whole template, for what is not listed here. */
  readonly resources: TemplateResources;
};

/** Input of CreateTable, as far as DynamoDB's own API has the template's properties. */
export type TableDefinition = {
  readonly TableName: string;
  readonly KeySchema: readonly unknown[];
  readonly AttributeDefinitions: readonly unknown[];
  readonly GlobalSecondaryIndexes: readonly unknown[];
  readonly BillingMode: 'PAY_PER_REQUEST';
};

const STACK_NAME = 'Perennial';
const MACHINES: readonly MachineName[] = ['renewal', 'push', 'settle', 'sweep'];

/** Synthesises the stack in this process, without bundles, and reads its definitions. Takes about two seconds. */
export function synthesiseDefinitions(config: ResolvedConfig): Definitions {
  return inFolder((outdir) => {
    const app = new App({ context: { ...FEATURE_FLAGS }, outdir, builtinCloudFormationValidation: false });
    const { perennial, stackName } = new PerennialStack(app, STACK_NAME, { config, code: placeholderCode });
    const { template } = app.synth().getStackByName(stackName);
    const resources: TemplateResources = template.Resources;
    return {
      machines: recordOf(MACHINES, (name) => machineOf(name, perennial, resources)),
      functions: recordOf(HANDLER_NAMES, (name) => functionOf(name, perennial, resources)),
      table: tableOf(perennial, resources),
      statusRule: statusRuleOf(perennial, resources),
      stackName,
      channelsOutput: resolveText(template.Outputs[OUTPUTS.channels].Value, resources),
      resources,
    };
  });
}

function machineOf(machine: MachineName, perennial: Perennial, resources: TemplateResources): MachineDefinition {
  const { id, properties } = resourceOf(perennial.machines[machine], resources);
  return {
    machine,
    name: resolveText(properties.StateMachineName, resources),
    arn: resolveText({ Ref: id }, resources),
    definition: JSON.parse(resolveText(properties.DefinitionString, resources)),
  };
}

function functionOf(handler: HandlerName, perennial: Perennial, resources: TemplateResources): FunctionDefinition {
  const { id, properties } = resourceOf(perennial.functions[handler], resources);
  const environment = properties.Environment as { readonly Variables: Record<string, unknown> };
  return {
    handler,
    versionArn: `${resolveText({ 'Fn::GetAtt': [id, 'Arn'] }, resources)}:1`,
    timeoutSeconds: Number(properties.Timeout),
    environment: resolveValue(environment.Variables, resources) as Record<string, string>,
  };
}

function tableOf(perennial: Perennial, resources: TemplateResources): TableDefinition {
  const { id, properties } = resourceOf(perennial.table, resources);
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = properties as Omit<TableDefinition, 'TableName'>;
  return { TableName: id, KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, BillingMode: 'PAY_PER_REQUEST' };
}

function statusRuleOf(perennial: Perennial, resources: TemplateResources): Definitions['statusRule'] {
  const { properties } = resourceOf(perennial.statusRule, resources);
  const pattern = resolveValue(properties.EventPattern, resources) as { readonly detail: Definitions['statusRule'] };
  return pattern.detail;
}

function resourceOf(
  construct: Construct,
  resources: TemplateResources,
): { readonly id: string; readonly properties: TemplateResource['Properties'] } {
  const child = construct.node.defaultChild;
  const id = child && 'logicalId' in child ? String(Stack.of(construct).resolve(child.logicalId)) : '';
  const resource = resources[id];
  if (resource === undefined) throw new Error(`The template lacks ${construct.node.path}`);
  return { id, properties: resource.Properties };
}

function recordOf<Name extends string, Value>(
  names: readonly Name[],
  resolve: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, resolve(name)])) as Record<Name, Value>;
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-synth-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
