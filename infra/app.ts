import { App } from 'aws-cdk-lib';
import { bundleHandlers } from './bundle/bundle.ts';
import { loadConfig } from './config/load.ts';
import { FEATURE_FLAGS } from './feature-flags.ts';
import { PerennialStack } from './perennial-stack.ts';

const app = new App({ context: { ...FEATURE_FLAGS } });
const stackName = app.node.tryGetContext('stack') ?? 'Perennial';
const config = await loadConfig(app.node.tryGetContext('config'));
const bundles = await bundleHandlers();
try {
  new PerennialStack(app, stackName, { config, code: bundles.code });
} finally {
  bundles.remove();
}
app.synth();
