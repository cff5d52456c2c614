import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DemoReport } from '../../../local/demo-report.ts';

const MAIN = fileURLToPath(new URL('../../../local/demo/main.ts', import.meta.url));
/** It takes half a minute in real time, more where many tests share a machine. Milliseconds. */
const DEADLINE_MS = 180_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, TMPDIR: folder, ...env } });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      output[name] += chunk.toString();
    });
  }
  return { child, output, closed: once(child, 'close') };
}

describe('npm run demo', () => {
  it('ends with 0 and one JSON object that says what is served', { timeout: DEADLINE_MS }, async () => {
    const { child, output, closed } = start(['--json', '--ca', 'local']);
    await closed;
    expect(output.stderr).toBe('');
    expect(child.exitCode).toBe(0);
    const report: DemoReport = JSON.parse(output.stdout);
    expect(report).toMatchObject({ ok: true, ca: 'perennial local ca', account: 'embedded' });
    expect(report.certificates.map(({ name, versions }) => [name, versions])).toEqual([
      ['website', 2],
      ['api', 2],
      ['shop', 1],
      ['mail', 1],
      ['files', 1],
    ]);
    for (const { fingerprint, servedFingerprint, notAfter } of report.certificates) {
      expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
      expect(servedFingerprint).toBe(fingerprint);
      expect(Date.parse(notAfter)).toBeGreaterThan(Date.now());
    }
    const { requests, byKind, newOrders, finalizes } = report.acme;
    expect([newOrders, finalizes]).toEqual([7, 7]);
    expect(byKind.finalize).toBe(9);
    expect(Object.values(byKind).reduce((sum, count) => sum + count)).toBe(requests);
    expect(report.transitions.renewal).toBeGreaterThanOrEqual(8);
    expect(report.transitions.renewal).toBeLessThanOrEqual(10);
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves nothing behind when it is interrupted', { timeout: DEADLINE_MS }, async () => {
    const { child, output, closed } = start([]);
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    await closed;
    expect(child.exitCode).toBe(130);
    expect(output.stderr).toBe('');
    expect(await readdir(folder)).toEqual([]);
  });

  it('says how to get Pebble where it is asked for and not there', async () => {
    const { child, output, closed } = start(['--ca', 'pebble', '--json'], { PERENNIAL_PEBBLE: join(folder, 'pebble') });
    await closed;
    expect(child.exitCode).toBe(1);
    expect(JSON.parse(output.stdout)).toEqual({ ok: false, error: expect.stringContaining('go install') });
    expect(output.stderr).toContain('PERENNIAL_PEBBLE');
  });

  it('names an option that it does not know', async () => {
    const { child, output, closed } = start(['--speed', '11']);
    await closed;
    expect(child.exitCode).toBe(2);
    expect(output.stderr).toContain('--speed');
  });
});
