import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { type GuardedChild, startGuarded } from './guarded-child.ts';
import { type PythonEnvironment, pythonInterpreter } from './python.ts';

/** The one version whose leniencies are listed, and the interpreter that runs it. */
export const MOTO: PythonEnvironment = {
  program: 'moto',
  version: '5.2.5',
  requirements: fileURLToPath(new URL('moto-requirements.txt', import.meta.url)),
};

/** A running moto: an empty AWS account that speaks AWS's wire formats. It dies with this process, however that ends. */
export type Moto = {
  /** Settings for any AWS SDK client. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** What it has printed so far, for a failed test. */
  output(): string;
  stop(): Promise<void>;
};

const START_DEADLINE_MS = 60_000;

/** Any credentials do: moto checks no signature. */
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function untilReady(child: GuardedChild, endpoint: string): Promise<void> {
  const giveUpAt = Date.now() + START_DEADLINE_MS;
  while (Date.now() < giveUpAt && !child.hasEnded()) {
    if (await answers(`${endpoint}/moto-api/data.json`)) return;
    await pause(100);
  }
  throw new Error(`moto does not answer at ${endpoint}; it printed:\n${child.output()}`);
}

/**
 * Starts moto's server on a free port of loopback, in memory.
 * https://docs.getmoto.org/en/latest/docs/server_mode.html
 * @throws PythonUnavailableError when it cannot be installed; Error with its output when it does not start.
 */
export async function startMoto(): Promise<Moto> {
  const python = await pythonInterpreter(MOTO);
  const port = await freePort();
  const args = async (): Promise<readonly string[]> => ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)];
  const child = await startGuarded('moto', python, args, { PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' });
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await untilReady(child, endpoint);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return {
    client: { endpoint, region: 'us-east-1', credentials: CREDENTIALS },
    output: child.output,
    stop: child.stop,
  };
}
