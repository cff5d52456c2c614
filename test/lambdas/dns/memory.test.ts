import { describe, expect, it } from 'vitest';
import { Memory } from '../../../lambdas/dns/memory.ts';
import { VirtualTime } from '../../../local/embedded/virtual-time.ts';

/** Two callers in virtual time; the first one's question is answered as `first` says. */
async function askTwice(first: Promise<string>) {
  const time = new VirtualTime(0);
  try {
    const answers = [first, Promise.resolve('second')];
    let asked = 0;
    const memory = new Memory(time.clock, 60_000, () => {
      asked += 1;
      return answers[asked - 1] ?? Promise.reject(new Error('asked too often'));
    });
    const ended: (string | undefined)[] = [];
    for (const caller of [0, 1]) void memory.get('zone').then((answer) => (ended[caller] = answer));
    await time.advance(6_000);
    return { asked, ended };
  } finally {
    time.dispose();
  }
}

describe('What is asked about a zone', () => {
  it('is asked once for two callers at the same time', async () => {
    expect(await askTwice(Promise.resolve('first'))).toEqual({ asked: 1, ended: ['first', 'first'] });
  });

  it('is asked again after five seconds where the first caller’s answer never comes', async () => {
    expect(await askTwice(new Promise(() => undefined))).toEqual({ asked: 2, ended: [undefined, 'second'] });
  });
});
