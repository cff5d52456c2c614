import { Token } from 'aws-cdk-lib';
import { ConfigError } from '../config/problems.ts';
import type { ResolvedConfig } from '../config/resolved.ts';
import type { PerennialStack } from '../perennial-stack.ts';
import { SecondWatchStack } from './second-watch-stack.ts';

/**
 * Adds the stack that watches `stack` from `watchRegion`, where the configuration has one.
 *
 * @param ambientRegion Region that `cdk` deploys a stack into that names none.
 */
export function addSecondWatch(
  stack: PerennialStack,
  config: ResolvedConfig,
  ambientRegion?: string,
): SecondWatchStack | undefined {
  const { watchRegion } = config;
  if (watchRegion === undefined) return undefined;
  const region = Token.isUnresolved(stack.region) ? ambientRegion : stack.region;
  if (region === undefined)
    throw problemOf(watchRegion, 'set AWS_REGION to the region of the stack, which the second watch has to know');
  if (region === watchRegion)
    throw problemOf(watchRegion, 'write another region than that of the stack, so that both do not fail together');
  const second = new SecondWatchStack(stack.node.root, `${stack.stackName}-second-watch`, {
    env: { region: watchRegion, ...(Token.isUnresolved(stack.account) ? {} : { account: stack.account }) },
    config,
    watched: { stackName: stack.stackName, region },
  });
  second.addStackDependency(stack, 'there is nothing to watch before');
  return second;
}

function problemOf(value: string, remedy: string): ConfigError {
  return new ConfigError([{ path: 'watchRegion', value, remedy }]);
}
