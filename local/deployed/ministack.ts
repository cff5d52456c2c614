import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AgentOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { askHttps } from '../ca/https-client.ts';
import { type ListenerCertificate, makeListenerCertificate } from '../ca/listener-certificate.ts';
import { freePort } from '../peers/free-port.ts';
import { pythonInterpreter } from '../peers/python.ts';
import { MINISTACK } from './ministack-environment.ts';

const LAUNCHER = fileURLToPath(new URL('launcher.py', import.meta.url));
const REGION = 'us-east-1';
/** MiniStack's own account; its access key `test` is that account's root, which no policy limits. */
const ACCOUNT_ID = '000000000000';
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

const READY_DEADLINE_MS = 60_000;
const READY_POLL_MS = 100;
const RESET_DEADLINE_MS = 5_000;
const TERMINATE_DEADLINE_MS = 8_000;
const KEPT_LOG_CHARACTERS = 2_000_000;

/** What a MiniStack may be started with. */
export interface MiniStackOptions {
  /** Added to MiniStack's own environment, which its Lambdas inherit (`AWS_ENDPOINT_URL_ACM`, `SFN_WAIT_SCALE` ...). */
  readonly environment?: (ground: Ground) => Promise<Readonly<Record<string, string>>>;
  /** Told what takes long, for a person who waits. */
  readonly told?: (message: string) => void;
}

/** What exists before MiniStack starts: where it will answer, and the certificates it will answer with. */
export interface Ground {
  readonly endpoint: string;
  readonly tls: ListenerCertificate;
}

/** Settings for any AWS SDK client of this process. */
export interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly requestHandler: { readonly httpsAgent: AgentOptions };
}

/** A call that no policy allowed: who made it, what it would have done, and to what. */
export interface Refusal {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
}

/** A Lambda that a state machine has called: which version of it, and for which execution. */
export interface Invocation {
  readonly function: string;
  readonly version: string;
  readonly execution: string;
}

/** A running MiniStack: an AWS account on loopback with IAM enforced. */
export interface MiniStack extends Ground {
  readonly version: string;
  readonly accountId: string;
  readonly region: string;
  readonly caFile: string;
  /** The run's temporary folder; it goes with the run. */
  readonly folder: string;
  readonly pid: number;
  /** The environment for children: the AWS CLI, `cdk`, scripts. */
  readonly env: Readonly<Record<string, string>>;
  readonly client: ClientSettings;
  /** What MiniStack has printed so far (its last two million characters). */
  logs(): string;
  /** What IAM has refused so far, by whomever it was asked. */
  refusals(): readonly Refusal[];
  /** What state machines have called so far. */
  invocations(): readonly Invocation[];
  /** Ends the Lambda workers, then MiniStack, and removes its folder. May be called twice. */
  stop(): Promise<void>;
}

/** MiniStack ended or stayed silent before it was ready; the message carries what it printed last. */
export class MiniStackStartError extends Error {
  override readonly name = 'MiniStackStartError';
}

/** Lambdas and `cdk` find `node` by the path: it has to be the one that runs this. */
function pathWithNode(): string {
  return [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);
}

/** The names of the files that a run's certificates are in. */
function tlsFiles(folder: string): { ca: string; cert: string; key: string } {
  return { ca: join(folder, 'ca.pem'), cert: join(folder, 'gateway.pem'), key: join(folder, 'gateway.key') };
}

/** Everything that reads a root bundle from its environment: Node, the AWS SDKs and CLI, Python. */
function trust(folder: string): Record<string, string> {
  const caFile = tlsFiles(folder).ca;
  return {
    NODE_EXTRA_CA_CERTS: caFile,
    AWS_CA_BUNDLE: caFile,
    SSL_CERT_FILE: caFile,
    REQUESTS_CA_BUNDLE: caFile,
  };
}

/**
 * Of the caller's own environment the path alone: whatever else was here, the Lambdas would inherit.
 *
 * TLS is no luxury: the bootstrap bucket's policy denies plain http, and without `USE_SSL` MiniStack's Lambda workers
 * quietly turn each `https` request to loopback, also one to a CA there, into plain http.
 */
function serverEnvironment(ground: Ground, folder: string): Record<string, string> {
  const files = tlsFiles(folder);
  return {
    ...trust(folder),
    PATH: pathWithNode(),
    HOME: folder,
    LANG: 'C.UTF-8',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    TMPDIR: join(folder, 'tmp'),
    STATE_DIR: join(folder, 'state'),
    S3_DATA_DIR: join(folder, 's3'),
    GATEWAY_PORT: new URL(ground.endpoint).port,
    BIND_HOST: '127.0.0.1',
    MINISTACK_REGION: REGION,
    MINISTACK_ACCOUNT_ID: ACCOUNT_ID,
    IOT_MTLS_ENABLED: '0',
    AUTH: 'true',
    USE_SSL: '1',
    MINISTACK_SSL_CERT: files.cert,
    MINISTACK_SSL_KEY: files.key,
  };
}

/** The caller's environment without any AWS setting of the caller's, with those of this account. */
function childEnvironment(ground: Ground, folder: string): Record<string, string> {
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || name.startsWith('AWS_') ? [] : [[name, value] as const],
  );
  return {
    ...Object.fromEntries(inherited),
    ...trust(folder),
    PATH: pathWithNode(),
    AWS_ENDPOINT_URL: ground.endpoint,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** The output of both streams of a child, bounded. */
function collectOutput(child: ChildProcess): () => string {
  let text = '';
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString('utf8')).slice(-KEPT_LOG_CHARACTERS);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => text;
}

/** What the launcher has told, each on a line of its own. */
function toldIn<Told extends Refusal | Invocation>(logs: string, word: 'REFUSED' | 'INVOKED'): Told[] {
  return [...logs.matchAll(new RegExp(`^${word} (\\{.*\\})$`, 'gm'))].map(([, told = '']) => JSON.parse(told));
}

/** One request to MiniStack's own paths. @returns the body */
async function ask(ground: Ground, method: string, path: string, timeoutMs: number): Promise<string> {
  const url = `${ground.endpoint}${path}`;
  return (await askHttps({ url, rootPem: ground.tls.rootPem, method, timeoutMs })).body;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** @returns the version that answers */
async function untilReady(child: ChildProcess, ground: Ground, logs: () => string): Promise<string> {
  const giveUpAt = Date.now() + READY_DEADLINE_MS;
  while (!hasEnded(child) && Date.now() < giveUpAt) {
    const health = await ask(ground, 'GET', '/_ministack/health', 5_000).catch(() => undefined);
    if (health !== undefined) return JSON.parse(health).version;
    await delay(READY_POLL_MS);
  }
  const what = hasEnded(child) ? `ended with ${child.exitCode ?? child.signalCode}` : 'did not answer in time';
  throw new MiniStackStartError(`MiniStack ${MINISTACK.version} ${what}:\n${logs().slice(-2_000)}`);
}

/** Waits for the end of a child. @returns whether it came in time */
async function endsWithin(child: ChildProcess, timeoutMs: number): Promise<boolean> {
  if (hasEnded(child)) return true;
  const timer = AbortSignal.timeout(timeoutMs);
  await once(child, 'exit', { signal: timer }).catch(() => undefined);
  return hasEnded(child);
}

/** MiniStack leads its own process group, in which its workers are too. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function end(child: ChildProcess, pid: number, ground: Ground, folder: string): Promise<void> {
  if (!hasEnded(child)) {
    // The reset ends the Lambda workers, which MiniStack never ends by itself.
    await ask(ground, 'POST', '/_ministack/reset', RESET_DEADLINE_MS).catch(() => undefined);
    child.kill('SIGTERM');
    await endsWithin(child, TERMINATE_DEADLINE_MS);
  }
  killGroup(pid);
  await endsWithin(child, TERMINATE_DEADLINE_MS);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function prepare(folder: string): Promise<Ground> {
  const tls = await makeListenerCertificate();
  const files = tlsFiles(folder);
  await Promise.all([
    ...['tmp', 'state', 's3'].map((name) => mkdir(join(folder, name))),
    writeFile(files.ca, tls.rootPem),
    writeFile(files.cert, tls.certificatePem),
    writeFile(files.key, tls.privateKeyPem, { mode: 0o600 }),
  ]);
  return { endpoint: `https://localhost:${await freePort()}`, tls };
}

async function launch(folder: string, interpreter: string, options: MiniStackOptions): Promise<MiniStack> {
  const ground = await prepare(folder);
  const added = (await options.environment?.(ground)) ?? {};
  const child = spawn(interpreter, [LAUNCHER, folder], {
    cwd: folder,
    env: { ...serverEnvironment(ground, folder), ...added },
    // Its own group, so that all of it can be ended; its standard input is how it learns that this process is gone.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new MiniStackStartError(`${interpreter} could not be started`);
  const logs = collectOutput(child);
  let ended: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    ended ??= end(child, pid, ground, folder);
    return ended;
  };
  try {
    const version = await untilReady(child, ground, logs);
    return {
      ...ground,
      version: `ministack ${version}`,
      accountId: ACCOUNT_ID,
      region: REGION,
      caFile: tlsFiles(folder).ca,
      folder,
      pid,
      env: childEnvironment(ground, folder),
      client: {
        endpoint: ground.endpoint,
        region: REGION,
        credentials: CREDENTIALS,
        requestHandler: { httpsAgent: { ca: ground.tls.rootPem } },
      },
      logs,
      refusals: () => toldIn<Refusal>(logs(), 'REFUSED'),
      invocations: () => toldIn<Invocation>(logs(), 'INVOKED'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Starts MiniStack on a free port of loopback, over TLS, with the account's own roles and policies enforced.
 * Should this process end without `stop`, in whatever way, MiniStack, its workers and its folder go too.
 * @throws PythonUnavailableError when it cannot be installed
 * @throws MiniStackStartError when it does not come up
 */
export async function startMiniStack(options: MiniStackOptions = {}): Promise<MiniStack> {
  const interpreter = await pythonInterpreter(MINISTACK, options.told);
  const folder = await mkdtemp(join(tmpdir(), 'perennial-ministack-'));
  try {
    return await launch(folder, interpreter, options);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
