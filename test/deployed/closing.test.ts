import { describe, expect, it } from 'vitest';
import { Closing } from '../../local/deployed/closing.ts';

describe('closing', () => {
  it('stops the last first, each once, also after one that fails', async () => {
    const stopped: string[] = [];
    const closing = new Closing();
    closing.add(async () => void stopped.push('first'));
    closing.add(() => Promise.reject(new Error('second does not stop')));
    closing.add(async () => void stopped.push('third'));
    await expect(closing.close()).rejects.toThrow(AggregateError);
    expect(stopped).toEqual(['third', 'first']);
    await closing.close();
    expect(stopped).toEqual(['third', 'first']);
  });
});
