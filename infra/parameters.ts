import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { parameterPrefix } from '../lambdas/core/parameter-name.ts';

/** What the parameters of this stack begin with. SSM reserves names that begin with `aws` and `ssm`. */
export function ownParameterPrefix(scope: Construct): string {
  const { stackName } = Stack.of(scope);
  if (/^(aws|ssm)/i.test(stackName))
    throw new Error(
      `the stack is named ${stackName}: choose another name, SSM parameters must not begin with aws or ssm`,
    );
  return parameterPrefix(stackName);
}

/** ARN pattern of all parameters of this stack. */
export function parameterArns(scope: Construct): string {
  const resourceName = `${ownParameterPrefix(scope).slice(1)}/*`;
  return Stack.of(scope).formatArn({ service: 'ssm', resource: 'parameter', resourceName });
}
