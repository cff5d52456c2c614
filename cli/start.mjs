#!/usr/bin/env node
// The command `perennial`: runs cli/main.ts on a Node that can, whichever one it was started with.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major] = process.versions.node.split('.').map(Number);
const installed = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
const node = major >= 24 ? process.execPath : installed;
if (!existsSync(node)) {
  console.error(
    `perennial needs Node 24, this is ${process.version}: run \`npm ci\` without --ignore-scripts, or use Node 24.`,
  );
  process.exit(2);
}
const main = fileURLToPath(new URL('main.ts', import.meta.url));
process.exit(spawnSync(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 2);
