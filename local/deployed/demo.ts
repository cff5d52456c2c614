import { parseArgs } from 'node:util';
import { AUTHORITIES, type AuthorityName } from './authority.ts';
import { runDemo } from './run.ts';

const USAGE = `npm run demo:deployed -- [--ca ${AUTHORITIES.join('|')}] [--json]`;

interface Arguments {
  readonly ca: AuthorityName;
  readonly json: boolean;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: { ca: { type: 'string', default: 'pebble' }, json: { type: 'boolean', default: false } },
  });
  const ca = AUTHORITIES.find((name) => name === values.ca);
  if (ca === undefined) throw new Error(`--ca is ${values.ca}; give one of ${AUTHORITIES.join(', ')}. ${USAGE}`);
  return { ca, json: values.json };
}

/** Ends the demo by the way that stops everything, whatever it is doing. */
function endOnSignal(): AbortController {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort(new Error(signal)));
  return controller;
}

function sayer(): (line: string) => void {
  const startedAt = Date.now();
  return (line) => console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

async function main(): Promise<void> {
  const { ca, json } = readArguments();
  const say = sayer();
  try {
    const report = await runDemo({ ca, say, signal: endOnSignal().signal });
    say(`all was as it should be; ${report.acme.requests} ACME requests, everything stopped`);
    if (json) console.log(JSON.stringify(report));
  } catch (error) {
    process.exitCode = 1;
    const message = error instanceof Error ? error.message : String(error);
    console.error(message);
    if (json) console.log(JSON.stringify({ ok: false, error: message }));
  }
}

await main();
