import { describe, expect, it, vi } from 'vitest';
import { perform } from '../../../local/demo/perform.ts';
import { Stage, type StartedStage } from '../../../local/demo/stage.ts';
import type { DemoReport } from '../../../local/demo-report.ts';
import type { EmbeddedOptions } from '../../../local/embedded/account.ts';
import { startVirtualStage } from './virtual-stage.ts';

type Shown = { readonly code: number; readonly stdout: string; readonly stderr: string };

const never = new Promise<number>(() => undefined);

async function show(json: boolean, startStage: () => Promise<StartedStage>, interrupted = never): Promise<Shown> {
  const written = { stdout: '', stderr: '' };
  const streamTo = (name: keyof typeof written) => ({
    isTTY: false,
    write: (text: string | Uint8Array) => {
      written[name] += String(text);
      return true;
    },
  });
  const streams = { stdout: streamTo('stdout'), stderr: streamTo('stderr') };
  const code = await perform({ options: { ca: 'local', json, help: false }, streams, startStage }, interrupted);
  return { code, ...written };
}

const sabotaged = (options: Partial<EmbeddedOptions>) => () => startVirtualStage(options);

/** What a Lambda would answer whose probe looks at nothing. */
const BLIND_PROBE = async (): Promise<object> => ({
  status: 'done',
  waitSeconds: 0,
  rounds: 1,
  slot: '',
  nonce: '',
  startedAt: 0,
});

describe('the demo', () => {
  it('shows all that it claims: seven certificates of seven orders, each finalized once', async () => {
    const { code, stdout } = await show(false, startVirtualStage);
    expect(stdout).not.toContain('✗');
    expect(code).toBe(0);
    expect(stdout).toContain(`in the CA's words: Order's status ("valid") is not acceptable for finalization`);
    for (const state of ['OrderStatus? → FinalizeOrder', 'OrderStatus? → Held', 'RecordFailure', 'RenewalFailed']) {
      expect(stdout).toContain(state);
    }
    expect(stdout).toMatch(/All \d+ claims held/);
  });

  it('ends with 1, and tells what was seen, where the edge does not serve what was pushed', async () => {
    const { code, stdout } = await show(false, sabotaged({ edgeLags: true, overrides: { ProbeTarget: BLIND_PROBE } }));
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ the edge serves website .*\n +expected +\{ served: .*\n +seen +\{ served: /);
    expect(stdout).toMatch(/\d+ of \d+ claims did not hold/);
    expect(stdout).not.toContain('Two renewals');
  });

  it('ends with 1 as JSON too, with the false claims on stderr', async () => {
    const lost = { statusRule: false, edgeLags: true, overrides: { ProbeTarget: BLIND_PROBE } };
    const { code, stdout, stderr } = await show(true, sabotaged(lost));
    expect(code).toBe(1);
    const report: DemoReport = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    expect(report.ok).toBe(false);
    expect(report.certificates.every(({ servedFingerprint }) => servedFingerprint === '')).toBe(true);
    expect(stderr).toContain('not so: the edge serves website');
  });

  it('throws, after everything was stopped, where a scene cannot be played', async () => {
    const stuck = { until: () => Promise.reject(new Error('still waiting')), jump: () => Promise.resolve() };
    const started = await startVirtualStage();
    const stop = vi.fn(started.stop);
    const start = async () => ({ stage: new Stage({ ...started.stage.parts, time: stuck }), stop });
    await expect(show(true, start)).rejects.toThrow('still waiting');
    expect(stop).toHaveBeenCalledOnce();
  });

  it('stops everything when it is interrupted', async () => {
    const interruption = Promise.withResolvers<number>();
    const started = await startVirtualStage();
    const stop = vi.fn(started.stop);
    const start = async () => {
      setImmediate(() => interruption.resolve(130));
      return { ...started, stop };
    };
    expect((await show(false, start, interruption.promise)).code).toBe(130);
    expect(stop).toHaveBeenCalledOnce();
  });
});
