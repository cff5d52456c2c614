import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Programs of the Python world, installed beside each other in an environment of their own. */
export type PythonEnvironment = {
  /** The program that it is there for, as pip names it. */
  readonly program: string;
  /** The one version whose ways are known; the requirements pin it and everything it needs. */
  readonly version: string;
  /** Path of the requirements. */
  readonly requirements: string;
};

/** The newest first of those that the pinned wheels were tried with, then whatever the machine calls Python 3. */
const CANDIDATES = ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3'];

const PRINT_VERSION = 'import sys; print("%d.%d" % sys.version_info[:2])';
/** A first installation loads about 100 MB. */
const INSTALL_DEADLINE_MS = 600_000;

/** The environment cannot be had on this machine; the message says what to do. */
export class PythonUnavailableError extends Error {
  override readonly name = 'PythonUnavailableError';
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

/** Where an environment is kept: outside the tree, once for all working copies. */
export function environmentFolder({ program, version }: PythonEnvironment): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'perennial', `${program}-${version}`);
}

function interpreterIn(folder: string): string {
  return join(folder, 'bin', 'python');
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** Whole, of the right version, made of the packages asked for now, and of a Python that is still installed. */
async function isComplete(environment: PythonEnvironment): Promise<boolean> {
  const folder = environmentFolder(environment);
  const { program, version, requirements } = environment;
  const [installed, wanted] = await Promise.all([textOf(join(folder, 'requirements.txt')), textOf(requirements)]);
  if (installed === undefined || installed !== wanted) return false;
  const print = `from importlib.metadata import version; print(version("${program}"))`;
  return (await printed(interpreterIn(folder), ['-c', print])) === version;
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join('\n');
}

async function installStep(command: string, args: readonly string[], failed: string): Promise<void> {
  try {
    await run(command, args, { timeout: INSTALL_DEADLINE_MS, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new PythonUnavailableError(`${failed}\n${lastLines(output)}`);
  }
}

async function fillEnvironment(python: string, folder: string, environment: PythonEnvironment): Promise<void> {
  const failed = `${environment.program} ${environment.version} could not be installed:`;
  const venv = `${failed} "${python} -m venv" failed; install Python's venv module.`;
  await installStep(python, ['-m', 'venv', folder], venv);
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--prefer-binary', '-r', environment.requirements];
  const index = `${failed} pip could not install it; is a Python package index reachable?`;
  await installStep(interpreterIn(folder), pip, index);
  await copyFile(environment.requirements, join(folder, 'requirements.txt'));
}

/**
 * Made aside and renamed into place when whole, so that a half-made environment is never taken for one.
 * Of two that install at once, the second finds the first one's and drops its own.
 */
async function install(environment: PythonEnvironment, told: (message: string) => void): Promise<void> {
  const { program, version } = environment;
  const folder = environmentFolder(environment);
  const python = await findPython();
  if (python === undefined) {
    throw new PythonUnavailableError(
      `${program} needs Python 3.10 or later (tried 3.10 to 3.13), and none was found on the PATH: install Python 3.`,
    );
  }
  told(`Installing ${program} ${version} into ${folder} (once)`);
  await mkdir(dirname(folder), { recursive: true });
  const aside = await mkdtemp(`${folder}.new-`);
  try {
    await fillEnvironment(python, aside, environment);
    if (await isComplete(environment)) return;
    await rm(folder, { recursive: true, force: true });
    await rename(aside, folder);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/**
 * The Python interpreter of an environment, which is made if it is not there yet.
 * @param told called once, before an installation starts
 * @throws PythonUnavailableError without Python 3.10 or later, or when the installation fails
 */
export async function pythonInterpreter(
  environment: PythonEnvironment,
  told: (message: string) => void = () => {},
): Promise<string> {
  const folder = environmentFolder(environment);
  if (!(await isComplete(environment))) await install(environment, told);
  return interpreterIn(folder);
}
