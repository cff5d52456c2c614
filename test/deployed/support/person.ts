import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MiniStack } from '../../../local/deployed/ministack.ts';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const TOLD_CHARACTERS = 4_000;

/** A command that did not end with 0; `output` is all that it printed. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly output: string;

  constructor(command: string, code: number | string | null, output: string) {
    super(`${command} ended with ${code}:\n${output.slice(-TOLD_CHARACTERS)}`);
    this.output = output;
  }
}

/** Somebody with credentials of the account at a terminal in the project's folder. */
export interface Person {
  /** Types one line into a shell whose environment may be added to. @returns what it printed @throws CommandFailed */
  types(command: string, added?: Readonly<Record<string, string>>): Promise<string>;
}

/** What `cdk` asks on a terminal; without one it fails where it would have asked. */
const ANSWERS: readonly (readonly [asked: RegExp, environment: Readonly<Record<string, string>>])[] = [
  [/cdk deploy/, { CDK_REQUIRE_APPROVAL: 'never' }],
  [/cdk destroy/, { CDK_FORCE: 'true' }],
];

function environmentFor(command: string, ministack: MiniStack, config: string): Record<string, string> {
  const answers = ANSWERS.filter(([asked]) => asked.test(command)).map(([, environment]) => environment);
  return {
    ...ministack.env,
    // Until it is written the project's own is what there is.
    ...(existsSync(config) ? { PERENNIAL_CONFIG: config } : {}),
    // What `cdk` keeps in the project and in a person's home goes beside the configuration, into the run's folder.
    CDK_OUTPUT: `${config}.out`,
    CDK_HOME: `${config}.home`,
    CDK_DISABLE_VERSION_CHECK: '1',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_NOTICES: 'false',
    NO_COLOR: '1',
    ...Object.assign({}, ...answers),
  };
}

/** A person whose account is MiniStack and whose configuration is the file `config`. */
export function personAt(ministack: MiniStack, config: string): Person {
  return {
    types: async (command, added = {}) => {
      const env = { ...environmentFor(command, ministack, config), ...added };
      const child = spawn('/bin/sh', ['-c', command], { cwd: PROJECT, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      const keep = (chunk: Buffer): void => {
        output += chunk.toString('utf8');
      };
      child.stdout.on('data', keep);
      child.stderr.on('data', keep);
      const [code, signal] = await once(child, 'close');
      if (code !== 0) throw new CommandFailed(command, code ?? signal, output);
      return output;
    },
  };
}

/** The outputs that `cdk deploy` prints, by name. */
export function outputsOf(stack: string, printed: string): Readonly<Record<string, string>> {
  const lines = printed.matchAll(new RegExp(`^${stack}\\.(\\w+) = (.*)$`, 'gm'));
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}
