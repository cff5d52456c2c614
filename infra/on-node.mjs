// Entry points of people and of `cdk` are started with whichever Node there is; what they start needs a newer one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Runs a TypeScript file on a Node that can, with these arguments, and ends as it ends; with `failure` where it cannot. */
export function runOnNode(script, args, { name, failure }) {
  const [major] = process.versions.node.split('.').map(Number);
  const installed = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  const node = major >= 24 ? process.execPath : installed;
  if (!existsSync(node)) {
    console.error(
      `${name} needs Node 24, this is ${process.version}: run \`npm ci\` without --ignore-scripts, or use Node 24.`,
    );
    process.exit(failure);
  }
  process.exit(spawnSync(node, [fileURLToPath(script), ...args], { stdio: 'inherit' }).status ?? failure);
}
