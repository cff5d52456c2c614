import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The one version whose traps are known; `requirements.txt` beside this file pins the rest. */
export const MINISTACK_VERSION = '1.5.33';

const REQUIREMENTS = fileURLToPath(new URL('requirements.txt', import.meta.url));

/** The newest first of those that MiniStack's wheels were tried with, then whatever the machine calls Python 3. */
const CANDIDATES = ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3'];

const PRINT_VERSION = 'import sys; print("%d.%d" % sys.version_info[:2])';
const PRINT_MINISTACK = 'from importlib.metadata import version; print(version("ministack"))';
/** A first installation loads about 100 MB. */
const INSTALL_DEADLINE_MS = 600_000;

/** MiniStack cannot be had on this machine; the message says what to do. */
export class MiniStackUnavailableError extends Error {
  override readonly name = 'MiniStackUnavailableError';
}

/** What a command printed, or undefined when it cannot be run or fails. */
async function printed(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await run(command, args, { timeout: 20_000 })).stdout.trim();
  } catch {
    return undefined;
  }
}

function isSupported(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  return major === 3 && minor >= 10;
}

/** The command of a Python of at least 3.10, or undefined when this machine has none. */
export async function findPython(): Promise<string | undefined> {
  for (const command of CANDIDATES) {
    if (isSupported(await printed(command, ['-c', PRINT_VERSION]))) return command;
  }
  return undefined;
}

/** Where the environment is kept: outside the tree, once for all working copies. */
export function environmentFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'perennial', `ministack-${MINISTACK_VERSION}`);
}

function interpreterIn(folder: string): string {
  return join(folder, 'bin', 'python');
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** Whole, of the right version, made of the packages asked for now, and of a Python that is still installed. */
async function isComplete(folder: string): Promise<boolean> {
  const [installed, wanted] = await Promise.all([textOf(join(folder, 'requirements.txt')), textOf(REQUIREMENTS)]);
  if (installed === undefined || installed !== wanted) return false;
  return (await printed(interpreterIn(folder), ['-c', PRINT_MINISTACK])) === MINISTACK_VERSION;
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join('\n');
}

async function installStep(command: string, args: readonly string[], remedy: string): Promise<void> {
  try {
    await run(command, args, { timeout: INSTALL_DEADLINE_MS, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new MiniStackUnavailableError(
      `MiniStack ${MINISTACK_VERSION} could not be installed: ${remedy}\n${lastLines(output)}`,
    );
  }
}

async function fillEnvironment(python: string, folder: string): Promise<void> {
  await installStep(python, ['-m', 'venv', folder], `"${python} -m venv" failed; install Python's venv module.`);
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--only-binary', ':all:', '-r', REQUIREMENTS];
  await installStep(interpreterIn(folder), pip, 'pip could not install it; is a Python package index reachable?');
  await copyFile(REQUIREMENTS, join(folder, 'requirements.txt'));
}

/**
 * Made aside and renamed into place when whole, so that a half-made environment is never taken for one.
 * Of two that install at once, the second finds the first one's and drops its own.
 */
async function install(folder: string, told: (message: string) => void): Promise<void> {
  const python = await findPython();
  if (python === undefined) {
    throw new MiniStackUnavailableError(
      'MiniStack needs Python 3.10 or later (tried 3.10 to 3.13), and none was found on the PATH: install Python 3.',
    );
  }
  told(`Installing MiniStack ${MINISTACK_VERSION} into ${folder} (once, about 100 MB)`);
  await mkdir(dirname(folder), { recursive: true });
  const aside = await mkdtemp(`${folder}.new-`);
  try {
    await fillEnvironment(python, aside);
    if (await isComplete(folder)) return;
    await rm(folder, { recursive: true, force: true });
    await rename(aside, folder);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/**
 * The Python interpreter of an environment that holds MiniStack, which is made if it is not there yet.
 * @param told called once, before an installation starts
 * @throws MiniStackUnavailableError without Python 3.10 or later, or when the installation fails
 */
export async function miniStackInterpreter(told: (message: string) => void = () => {}): Promise<string> {
  const folder = environmentFolder();
  if (!(await isComplete(folder))) await install(folder, told);
  return interpreterIn(folder);
}
