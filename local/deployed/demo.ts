import { parseArgs } from 'node:util';
import type { DemoReport } from '../demo-report.ts';
import { AUTHORITIES, type AuthorityName } from './authority.ts';
import { runDemo } from './run.ts';

const HELP = `Deploys the stack into an emulated AWS account that enforces its roles, and lets it get, push and serve two certificates.

  npm run demo:deployed                    with the CA that is part of this project
  npm run demo:deployed -- --ca pebble     with Let's Encrypt's test CA, which is built once with Go if it is not there
  npm run demo:deployed -- --json          the last line is one JSON object; the story is told on a terminal's stderr only
  npm run demo:deployed -- --help          this text

Needs Python 3.10 or later; MiniStack is installed once, into a cache. Ends with 0 only if everything was as it should be.
Listens on 127.0.0.1 alone, leaves nothing behind.
`;

/** Exit codes of a shell for a command that a signal ended: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const USAGE_ERROR = 2;

interface Arguments {
  readonly ca: AuthorityName;
  readonly json: boolean;
  readonly help: boolean;
}

/** @throws Error naming the option or value that is not known */
function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      ca: { type: 'string', default: 'local' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const ca = AUTHORITIES.find((name) => name === values.ca);
  if (ca === undefined) throw new Error(`--ca is "${values.ca}"; write one of: ${AUTHORITIES.join(', ')}`);
  return { ca, json: values.json, help: values.help };
}

/** Ends the demo by the way that stops everything, whatever it is doing; the reason is the exit code. */
function abortOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => controller.abort(code));
  return controller.signal;
}

function sayTo(stream: NodeJS.WritableStream): (line: string) => void {
  const startedAt = Date.now();
  return (line) => {
    stream.write(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
  };
}

function sayer(json: boolean): (line: string) => void {
  if (!json) return sayTo(process.stdout);
  return process.stderr.isTTY ? sayTo(process.stderr) : () => undefined;
}

/** @returns the exit code */
async function perform({ ca, json }: Arguments): Promise<number> {
  const signal = abortOnSignal();
  const say = sayer(json);
  let report: DemoReport | { readonly ok: false; readonly error: string };
  try {
    report = await runDemo({ ca, say, signal });
    say(`all was as it should be: ${report.acme.requests} ACME requests; everything is stopped`);
  } catch (error) {
    if (signal.aborted) return Number(signal.reason);
    report = { ok: false, error: error instanceof Error ? error.message : String(error) };
    process.stderr.write(`${report.error}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.ok ? 0 : 1;
}

async function main(): Promise<number> {
  let args: Arguments;
  try {
    args = readArguments();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}; --help lists what there is\n`);
    return USAGE_ERROR;
  }
  if (!args.help) return perform(args);
  process.stdout.write(HELP);
  return 0;
}

process.exitCode = await main();
