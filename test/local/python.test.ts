import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MINISTACK } from '../../local/deployed/ministack-environment.ts';
import { environmentFolder, pythonInterpreter } from '../../local/peers/python.ts';

/** Acts like a Python that can make an environment, whose pip installs what `MINISTACK` says. */
const FAKE_PYTHON = `#!/bin/sh
case "$*" in
  *version_info*) echo "$FAKE_VERSION" ;;
  *"-m venv"*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  *"-m pip"*) [ -z "$PIP_FAILS" ] || { echo "no route to the index" >&2; exit 1; } ;;
  *importlib.metadata*) echo 1.5.33 ;;
  *) exit 9 ;;
esac
`;

let folder: string;

async function haveFakePython(version: string): Promise<void> {
  await writeFile(join(folder, 'bin', 'python3'), FAKE_PYTHON);
  await chmod(join(folder, 'bin', 'python3'), 0o755);
  vi.stubEnv('FAKE_VERSION', version);
  // The script's own commands are the machine's; any other Python is hidden by a version that is too old.
  for (const minor of ['3.10', '3.11', '3.12', '3.13']) {
    await writeFile(join(folder, 'bin', `python${minor}`), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  }
  vi.stubEnv('PATH', [join(folder, 'bin'), process.env.PATH].join(delimiter));
}

describe('an environment of Python programs', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'perennial-python-'));
    await mkdir(join(folder, 'bin'));
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it('is made once', async () => {
    await haveFakePython('3.12');
    const told: string[] = [];
    const interpreter = await pythonInterpreter(MINISTACK, (message) => told.push(message));
    expect(interpreter).toBe(join(environmentFolder(MINISTACK), 'bin', 'python'));
    expect(await pythonInterpreter(MINISTACK, (message) => told.push(message))).toBe(interpreter);
    expect(told).toEqual([expect.stringContaining('Installing ministack 1.5.33')]);
  });

  it('is made again when what stands in its place is not whole, or of other packages', async () => {
    await haveFakePython('3.12');
    const told: string[] = [];
    await mkdir(environmentFolder(MINISTACK), { recursive: true });
    await pythonInterpreter(MINISTACK, (message) => told.push(message));
    await writeFile(join(environmentFolder(MINISTACK), 'requirements.txt'), 'ministack==1.5.32\n');
    await pythonInterpreter(MINISTACK, (message) => told.push(message));
    expect(told).toHaveLength(2);
  });

  it('needs Python 3.10 or later, and says so', async () => {
    await haveFakePython('3.9');
    await expect(pythonInterpreter(MINISTACK)).rejects.toThrow(/needs Python 3\.10 or later/);
    vi.stubEnv('PATH', join(folder, 'nowhere'));
    await expect(pythonInterpreter(MINISTACK)).rejects.toThrow(/needs Python 3\.10 or later/);
  });

  it('leaves nothing behind when it cannot be made, and tells what pip said', async () => {
    await haveFakePython('3.12');
    vi.stubEnv('PIP_FAILS', 'yes');
    await expect(pythonInterpreter(MINISTACK)).rejects.toThrow(/could not be installed[\s\S]*no route to the index/);
    expect(await readdir(join(folder, 'cache', 'perennial'))).toEqual([]);
  });
});
