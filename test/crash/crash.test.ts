import { describe, expect, it } from 'vitest';
import type { OutsideCall } from '../../local/embedded/calls.ts';
import type { Path } from './crash-case.ts';
import { CrashCase } from './crash-case.ts';
import type { Fate } from './fates.ts';
import { FATES } from './fates.ts';

/** Every so many calls one is broken: `npm run test:crash` breaks each, `npm test` a sample. */
const STRIDE = Number(process.env.CRASH_STRIDE ?? 60);

/** The indices, from 1, of the calls to break: a sample, and always finalize with its neighbours, whose repetition costs most. */
function toBreak(calls: readonly OutsideCall[]): readonly number[] {
  const finalize = calls.findIndex(({ operation }) => operation === 'POST /acme/finalize') + 1;
  expect(finalize).toBeGreaterThan(0);
  const indices = calls.map((_call, at) => at + 1);
  return indices.filter((index) => index % STRIDE === 0 || Math.abs(index - finalize) <= 1);
}

async function happyPath(path: Path): Promise<readonly OutsideCall[]> {
  const happy = await CrashCase.prepare(path);
  try {
    const calls = await happy.walk();
    await happy.expectWhole();
    return calls;
  } finally {
    await happy.close();
  }
}

async function breakOne(path: Path, index: number, fate: Fate): Promise<void> {
  const broken = await CrashCase.prepare(path);
  try {
    await broken.breakAt(index, fate);
    await broken.expectWhole();
  } finally {
    await broken.close();
  }
}

describe.each([
  ['synchronous finalize', 0],
  ['asynchronous finalize', 1_500],
])('%s', (_mode, processingMs) => {
  it.each([
    ['first issue', false],
    ['renewal', true],
  ])(
    '%s: whichever call to the outside breaks, the certificate is issued exactly once [F19, L1]',
    async (_path, renewal) => {
      const path = { renewal, processingMs };
      const calls = await happyPath(path);
      const indices = toBreak(calls);
      const failed: string[] = [];
      for (const index of indices)
        for (const fate of FATES) {
          const { handler, service, operation } = calls[index - 1] as OutsideCall;
          await breakOne(path, index, fate).catch((error: unknown) => {
            const call = `call ${index} of ${calls.length} (${handler}: ${service} ${operation})`;
            failed.push(`${call} ${fate.name}: ${String(error)}`);
          });
        }
      expect(failed).toEqual([]);
      console.log(`${indices.length * FATES.length} crash points held`);
    },
    600_000,
  );
});
