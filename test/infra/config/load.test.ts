import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../../infra/config/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'perennial-config-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const valid = (name: string): string =>
  `export default { certificates: [{ name: '${name}', domains: ['a.example'], cas: ['letsencrypt'] }], alerts: 'none' };`;

describe('loadConfig', () => {
  it('reads the root file where no other is named', async () => {
    const { declarations } = await loadConfig();
    expect(declarations.map(({ name }) => name)).toEqual(['website']);
  });

  it('prefers the path given to the environment, and that to the root file', async () => {
    vi.stubEnv('PERENNIAL_CONFIG', written('environment.mjs', valid('environment')));
    expect((await loadConfig()).declarations[0]?.name).toBe('environment');
    expect((await loadConfig(written('path.mjs', valid('path')))).declarations[0]?.name).toBe('path');
  });

  it('says which file is missing, or what it lacks', async () => {
    await expect(loadConfig(join(folder, 'none.mjs'))).rejects.toThrow(
      /config is ".*none\.mjs": name a file that exists/,
    );
    await expect(loadConfig(written('empty.mjs', 'export const a = 1;'))).rejects.toThrow(
      /export default defineConfig/,
    );
  });
});
