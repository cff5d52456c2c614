import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { startGuarded } from './guarded-child.ts';
import { type PythonEnvironment, pythonInterpreter } from './python.ts';
import { answersAt, untilReady } from './until-ready.ts';

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

/** Any credentials do: moto checks no signature. */
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

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
  await untilReady(child, {
    name: 'moto',
    endpoint,
    answers: () => answersAt(`${endpoint}/moto-api/data.json`, ({ ok }) => ok),
  });
  return {
    client: { endpoint, region: 'us-east-1', credentials: CREDENTIALS },
    output: child.output,
    stop: child.stop,
  };
}
