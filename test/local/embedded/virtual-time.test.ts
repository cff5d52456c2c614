import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as realDelay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RealTime } from '../../../local/embedded/time.ts';
import { VirtualTime } from '../../../local/embedded/virtual-time.ts';

const START = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;
let time: VirtualTime;

beforeEach(() => {
  time = new VirtualTime(START);
});
afterEach(() => time.dispose());

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('VirtualTime', () => {
  it('passes two months of waiting in no time, in order', async () => {
    const seen: [string, number][] = [];
    const wait = async (name: string, days: number): Promise<void> => {
      await delay((days * DAY) / 2);
      await delay((days * DAY) / 2);
      seen.push([name, (time.clock.now() - START) / DAY]);
    };
    time.inside(() => void Promise.all([wait('late', 40), wait('early', 4)]));
    await time.advance(60 * DAY);
    expect(seen).toEqual([
      ['early', 4],
      ['late', 40],
    ]);
    expect(time.clock.now()).toBe(START + 60 * DAY);
  });

  it.each([0, 1, 24, 48, 49])('advances by exactly %i days', async (days) => {
    await time.advance(days * DAY);
    expect(time.clock.now()).toBe(START + days * DAY);
  });

  it('stands still while a handler waits for a real socket', async () => {
    const server = createServer((_, response) => void realDelay(20).then(() => response.end('slow')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    let fired = false;
    time.inside(() => setTimeout(() => (fired = true), 1000));
    let seen: [string, boolean, number] | undefined;
    const handler = time.outside(async () => {
      const text = await (await fetch(`http://127.0.0.1:${port}/`)).text();
      seen = [text, fired, time.clock.now()];
    });
    await time.advance(1000);
    expect(seen).toEqual(['slow', false, START]);
    expect(fired).toBe(true);
    await handler;
    await new Promise((resolve) => server.close(resolve));
  });

  it('passes while a handler sleeps by the clock, and stands still again when it wakes', async () => {
    const seen: number[] = [];
    const handler = time.outside(async () => {
      await time.clock.sleep(5000);
      await realDelay(10);
      seen.push(time.clock.now() - START);
    });
    time.inside(() => setTimeout(() => seen.push(time.clock.now() - START), 6000));
    await time.advance(10_000);
    await handler;
    expect(seen).toEqual([5000, 6000]);
  });

  it('passes for a handler that hangs for ever', async () => {
    void time.outside(() => time.hang());
    await time.advance(1000);
    expect(time.clock.now()).toBe(START + 1000);
  });

  it('leaves timers of other code real, also inside a handler', async () => {
    const before = time.clock.now();
    await time.inside(() => time.outside(() => delay(1)));
    await delay(1);
    await promisify(setTimeout)(1);
    expect(time.clock.now()).toBe(before);
  });

  it('clears virtual timers', async () => {
    let fired = false;
    time.inside(() => clearTimeout(setTimeout(() => (fired = true), 10)));
    await time.advance(100);
    expect(fired).toBe(false);
  });

  it('runs until a condition holds and says when it cannot', async () => {
    let fired = false;
    time.inside(() => setTimeout(() => (fired = true), 3000));
    await time.runUntil(() => fired, 5000);
    expect(time.clock.now()).toBe(START + 3000);
    await expect(time.runUntil(() => false, 5000)).rejects.toThrow('Nothing is left to happen');
    time.inside(() => setTimeout(() => undefined, 9000));
    await expect(time.runUntil(() => false, 5000)).rejects.toThrow('did not happen within 5000 ms');
  });

  it('keeps two virtual clocks apart, and gives the timers back after the last', async () => {
    const other = new VirtualTime(0);
    let fired = 0;
    other.inside(() => setTimeout(() => (fired += 1), 100));
    await time.advance(1000);
    expect(fired).toBe(0);
    await other.advance(1000);
    expect(fired).toBe(1);
    other.dispose();
    const wrapped = globalThis.setTimeout;
    time.dispose();
    expect(globalThis.setTimeout).not.toBe(wrapped);
    time = new VirtualTime(START);
  });
});

describe('RealTime', () => {
  it('moves its clock by a jump and leaves timers alone', async () => {
    const real = new RealTime();
    const before = Date.now();
    real.jump(60 * DAY);
    expect(real.clock.now() - before).toBeGreaterThanOrEqual(60 * DAY);
    await real.clock.sleep(1);
    expect(await real.outside(async () => real.inside(() => 7))).toBe(7);
  });
});
