#!/usr/bin/env node
// The command `perennial`.
import { runOnNode } from '../infra/on-node.mjs';

runOnNode(new URL('main.ts', import.meta.url), process.argv.slice(2), { name: 'perennial', failure: 2 });
