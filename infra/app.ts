import { App } from 'aws-cdk-lib';
import { bundleHandlers } from './bundle/bundle.ts';
import { loadConfig } from './config/load.ts';
import { ConfigError } from './config/problems.ts';
import { FEATURE_FLAGS } from './feature-flags.ts';
import { DEFAULT_STACK_NAME } from './outputs.ts';
import { PerennialStack } from './perennial-stack.ts';
import { addSecondWatch } from './second-watch/add-second-watch.ts';

/** Synthesises the stack of the configuration; CDK context `stack` names it, so that an account may hold several. */
async function synthesise(): Promise<void> {
  const app = new App({ context: { ...FEATURE_FLAGS } });
  const config = await loadConfig(app.node.tryGetContext('config'));
  const name = app.node.tryGetContext('stack') ?? DEFAULT_STACK_NAME;
  const bundles = await bundleHandlers();
  try {
    const stack = new PerennialStack(app, name, { config, code: bundles.code });
    addSecondWatch(stack, config, process.env.CDK_DEFAULT_REGION);
  } finally {
    bundles.remove();
  }
  app.synth();
}

try {
  await synthesise();
} catch (error) {
  // Where a configuration is wrong, its problems say more than a stack trace.
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
}
