import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { holdAccount } from './hold.ts';

/** Where `perennial --local` looks unless told otherwise. */
const PORT = '7417';

const { values } = parseArgs({ options: { port: { type: 'string', default: PORT } } });
const { endpoint, stop } = await holdAccount(Number(values.port));
console.log(`A local account is at ${endpoint}; it has three certificates, one of which cannot be issued.`);
console.log('Ask it: npm run -s perennial -- status --local. End it: Ctrl-C.');
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), once(process, 'SIGHUP')]);
await stop();
// The waits of runs that were under way must not keep the process.
process.exit();
