// The app command.
import { runOnNode } from './on-node.mjs';

runOnNode(new URL('app.ts', import.meta.url), [], { name: 'Perennial', failure: 1 });
