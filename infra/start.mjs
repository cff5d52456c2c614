// The app command: runs infra/app.ts on a Node that can, whichever one `cdk` was started with.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major] = process.versions.node.split('.').map(Number);
const installed = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
const node = major >= 24 ? process.execPath : installed;
if (!existsSync(node)) {
  console.error(
    `Perennial needs Node 24, this is ${process.version}: run \`npm ci\` without --ignore-scripts, or use Node 24.`,
  );
  process.exit(1);
}
const app = fileURLToPath(new URL('app.ts', import.meta.url));
process.exit(spawnSync(node, [app], { stdio: 'inherit' }).status ?? 1);
