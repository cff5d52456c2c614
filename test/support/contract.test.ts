import { describe, expect, it } from 'vitest';
import { stillDiffers } from './contract.ts';

const DIFFERENCE = { seen: /expected 1 to be 2/, reason: 'counts otherwise' };

describe('A listed difference', () => {
  it('passes while its test fails in the way that was seen', async () => {
    await stillDiffers('emulator', DIFFERENCE, async () => expect(1).toBe(2));
  });

  it('is to be struck once its test passes', async () => {
    await expect(stillDiffers('emulator', DIFFERENCE, async () => undefined)).rejects.toThrow(/strike the difference/);
  });

  it('is no excuse for a test that fails otherwise', async () => {
    const crash = async () => {
      throw new Error('connection refused');
    };
    await expect(stillDiffers('emulator', DIFFERENCE, crash)).rejects.toThrow(/connection refused/);
  });

  it('may be seen in what came instead, where the message cuts it short', async () => {
    const came = { detail: { code: 'Another' } };
    const seen = { seen: /code: 'Another'/, reason: 'another code' };
    await stillDiffers('emulator', seen, async () => expect(came).toMatchObject({ detail: { code: 'Expected' } }));
  });
});
