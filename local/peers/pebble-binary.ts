import { execFile } from 'node:child_process';
import { access, constants, mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** The version of Pebble that the conformance suite and the fault suites were written against. */
export const PEBBLE_VERSION = '2.10.1';

const MODULE = 'github.com/letsencrypt/pebble/v2';
const INSTALL = `go install ${MODULE}/cmd/pebble@v${PEBBLE_VERSION}`;
const run = promisify(execFile);

/** Thrown when no Pebble of the right version can be had; the message says how to get it. */
export class PebbleMissingError extends Error {
  override readonly name = 'PebbleMissingError';
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

// Go writes module path and version, parted by a tab, into each binary it builds from the module proxy.
// A binary built from a checkout of the release carries `(devel)` there, and the release's version by a linker flag.
async function versionOf(path: string): Promise<string | undefined> {
  const binary = await readFile(path);
  const marker = `mod\t${MODULE}\tv`;
  const at = binary.indexOf(marker);
  if (at >= 0) return /^[0-9.]+/.exec(binary.toString('latin1', at + marker.length, at + marker.length + 40))?.[0];
  const answer = await run(path, ['-version']).catch(() => undefined);
  return /version: v?([0-9.]+)/.exec(answer?.stdout ?? '')?.[1];
}

async function isWanted(path: string): Promise<boolean> {
  return (await isExecutable(path)) && (await versionOf(path)) === PEBBLE_VERSION;
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'perennial', `pebble-${PEBBLE_VERSION}`);
}

async function fromEnvironment(path: string): Promise<string> {
  if (await isWanted(path)) return path;
  throw new PebbleMissingError(
    `PERENNIAL_PEBBLE is ${path}, which is no Pebble ${PEBBLE_VERSION}. Unset it, or install one: ${INSTALL}`,
  );
}

async function build(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await run('go', ['install', `${MODULE}/cmd/pebble@v${PEBBLE_VERSION}`], {
      env: { ...env, GOBIN: folder },
      timeout: 600_000,
    });
  } catch (cause) {
    throw new PebbleMissingError(
      `Pebble ${PEBBLE_VERSION} is neither in PERENNIAL_PEBBLE, on PATH nor in ${folder}, and building it failed. ` +
        `Install Go and run: GOBIN=${folder} ${INSTALL}`,
      { cause },
    );
  }
}

/**
 * Finds Pebble: `PERENNIAL_PEBBLE`, `PATH`, the cache (`$XDG_CACHE_HOME/perennial`), else built by `go install` into the cache.
 *
 * Pebbles of other versions on `PATH` are passed over. Nothing is downloaded but through Go, whose checksum database
 * vouches for the module: a release archive without a published checksum would be run unchecked.
 * @throws PebbleMissingError when it is not there and cannot be built.
 */
export async function findPebble(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  if (env.PERENNIAL_PEBBLE) return fromEnvironment(env.PERENNIAL_PEBBLE);
  const folder = cacheFolder(env);
  const cached = join(folder, 'pebble');
  const candidates = (env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const path of [...candidates.map((each) => join(each, 'pebble')), cached]) {
    if (await isWanted(path)) return path;
  }
  await build(folder, env);
  return cached;
}
