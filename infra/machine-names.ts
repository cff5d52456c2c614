import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** The state machines. */
export type MachineName = 'renewal' | 'push' | 'settle' | 'sweep';

/** Fixed, so that a Lambda may know the ARN of a machine that invokes it without a CloudFormation cycle. */
export function machineName(scope: Construct, machine: MachineName): string {
  return nameIn(Stack.of(scope).stackName, machine);
}

/** ARN of a machine, by its name. */
export function machineArn(scope: Construct, machine: MachineName): string {
  return statesArn(scope, 'stateMachine', machineName(scope, machine));
}

/** Where another stack of this account is. */
export type StackPlace = { readonly stackName: string; readonly region: string };

/** ARN of a machine of another stack of this account. */
export function machineArnAt(scope: Construct, { stackName, region }: StackPlace, machine: MachineName): string {
  return statesArn(scope, 'stateMachine', nameIn(stackName, machine), region);
}

/** ARN pattern of all executions of a machine. */
export function executionArns(scope: Construct, machine: MachineName): string {
  return statesArn(scope, 'execution', `${machineName(scope, machine)}:*`);
}

function nameIn(stackName: string, machine: MachineName): string {
  return `${stackName}-${machine}`;
}

function statesArn(scope: Construct, resource: string, resourceName: string, region = Stack.of(scope).region): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    region,
    resource,
    resourceName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
