import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// `exec` gives the program the shell's pid. The watcher before it waits for our end of descriptor 3, which the kernel closes
// when this process ends by whatever cause, a kill -9 included; then it ends the program and removes the folder.
const GUARD = '(cat <&3 >/dev/null 2>&1; kill $$; rm -rf "$FOLDER") >/dev/null 2>&1 & exec "$0" "$@" 3<&-';

/** A program that dies with this process, however that ends. */
export type GuardedChild = {
  /** Its working folder, which goes with it. */
  readonly folder: string;
  hasEnded(): boolean;
  /** What it has printed so far, on both streams. */
  output(): string;
  /** Ends it and removes its folder. May be called twice. */
  stop(): Promise<void>;
};

/**
 * Starts a program in a new temporary folder whose name begins with `perennial-<name>-`, with `PATH` as its environment.
 * `argsIn` may first put into that folder what the program reads there.
 */
export async function startGuarded(
  name: string,
  command: string,
  argsIn: (folder: string) => Promise<readonly string[]>,
  environment: Readonly<Record<string, string>> = {},
): Promise<GuardedChild> {
  const folder = await mkdtemp(join(tmpdir(), `perennial-${name}-`));
  const args = await argsIn(folder).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const child = spawn('/bin/sh', ['-c', GUARD, command, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, FOLDER: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    folder,
    hasEnded,
    output: () => printed.join(''),
    stop: async () => {
      release(child);
      if (!hasEnded()) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Our end of the watched descriptor: closing it is what ends the program. */
function release(child: ChildProcess): void {
  const watched = child.stdio[3];
  if (watched && 'destroy' in watched) watched.destroy();
}
