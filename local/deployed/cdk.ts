import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const CDK = join(PROJECT, 'node_modules', '.bin', 'cdk');
const TOLD_LINES = 40;

/** An application to deploy and the account to deploy it into. */
export interface CdkApp {
  /** The command that synthesises, as in `cdk.json` (`node infra/app.ts`); it runs in the project's root. */
  readonly app: string;
  /** The account's environment: `env` of a MiniStack. */
  readonly env: Readonly<Record<string, string>>;
  readonly accountId: string;
  readonly region: string;
  /** A folder of this run: what is synthesised and what `cdk` keeps in a person's home go there. */
  readonly folder: string;
  readonly context?: Readonly<Record<string, string>>;
  /** Told each piece of output as it comes; without it, output is shown only in an error. */
  readonly told?: (output: string) => void;
  /** Ends a command that is under way. */
  readonly signal?: AbortSignal;
}

/** Outputs by stack and name. */
export type StackOutputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A `cdk` command failed; the message ends with the tail of what it printed. */
export class CdkError extends Error {
  override readonly name = 'CdkError';
  readonly output: string;

  constructor(command: string, code: number | string, output: string) {
    const tail = output.trimEnd().split('\n').slice(-TOLD_LINES).join('\n');
    super(`cdk ${command} ended with ${code}:\n${tail}`);
    this.output = output;
  }
}

function environmentOf(app: CdkApp): Record<string, string> {
  return {
    ...app.env,
    CDK_HOME: join(app.folder, 'cdk-home'),
    CDK_DISABLE_VERSION_CHECK: '1',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DEFAULT_ACCOUNT: app.accountId,
    CDK_DEFAULT_REGION: app.region,
  };
}

function synthesisArguments(app: CdkApp): string[] {
  const context = Object.entries(app.context ?? {}).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
  return ['--app', app.app, '--output', join(app.folder, 'cdk.out'), ...context];
}

/** @returns everything the command printed @throws CdkError unless it ended with 0 */
async function cdk(app: CdkApp, cwd: string, [command, ...args]: readonly [string, ...string[]]): Promise<string> {
  const child = spawn(CDK, [command, ...args, '--ci', '--no-color', '--no-notices'], {
    cwd,
    env: environmentOf(app),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(app.signal === undefined ? {} : { signal: app.signal }),
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString('utf8');
    app.told?.(chunk.toString('utf8'));
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new CdkError(command, code ?? signal, output);
  return output;
}

/** Prepares the account for deployments: the bootstrap bucket, roles and version parameter. */
export function bootstrap(app: CdkApp): Promise<string> {
  // In the project's root `cdk` would synthesise first, though the environment is given.
  return cdk(app, app.folder, ['bootstrap', `aws://${app.accountId}/${app.region}`]);
}

/** Synthesises and deploys every stack of the application. */
export async function deploy(app: CdkApp): Promise<StackOutputs> {
  const file = join(app.folder, 'outputs.json');
  const quiet = ['--all', '--require-approval', 'never', '--progress', 'events', '--outputs-file', file];
  await cdk(app, PROJECT, ['deploy', ...quiet, ...synthesisArguments(app)]);
  return JSON.parse(await readFile(file, 'utf8'));
}

/** Takes the application's stacks away; what the template retains stays. */
export function destroy(app: CdkApp): Promise<string> {
  return cdk(app, PROJECT, ['destroy', '--all', '--force', ...synthesisArguments(app)]);
}
