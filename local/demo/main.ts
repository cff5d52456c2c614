import { fetchAuthority } from './authority.ts';
import { type DemoOptions, HELP, readOptions, UsageError } from './options.ts';
import { perform } from './perform.ts';
import { startRealStage } from './real-stage.ts';

/** Exit codes of a shell for a command that a signal ended: 128 and the signal's number. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

process.exitCode = await main(process.argv.slice(2));
await flushed(process.stdout);
await flushed(process.stderr);
// The waits of runs that an interruption left unfinished must not keep the process.
process.exit();

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (!options.help) return await toldAsJson(options, demonstrate(options));
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** With `--json` the last line is an object also where there is nothing to report. */
async function toldAsJson({ json }: DemoOptions, outcome: Promise<number>): Promise<number> {
  try {
    return await outcome;
  } catch (error) {
    if (json) process.stdout.write(`${JSON.stringify({ ok: false, error: String(error) })}\n`);
    throw error;
  }
}

async function demonstrate(options: DemoOptions): Promise<number> {
  const interrupted = signalled();
  const loadedAt = performance.now();
  const code = await Promise.race([fetchAuthority(options.ca), interrupted]);
  if (code !== undefined) return code;
  // What is fetched once, if at all, does not count.
  const startedAt = performance.now() - loadedAt;
  const { stdout, stderr } = process;
  return perform({ options, streams: { stdout, stderr }, startStage: startRealStage, startedAt }, interrupted);
}

/** Resolves with the exit code that the first signal asks for; a second one ends the process at once. */
function signalled(): Promise<number> {
  return new Promise((resolve) => {
    for (const [signal, code] of Object.entries(SIGNALS)) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(code));
        resolve(code);
      });
    }
  });
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
