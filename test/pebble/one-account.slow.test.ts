import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPebble } from '../../local/peers/pebble-binary.ts';
import { peerOrSkip } from '../support/peers.ts';
import type { PebbleAccount } from './pebble-account.ts';
import { startPebbleAccount } from './pebble-account.ts';

const pebble = await peerOrSkip('Pebble 2.10.1', findPebble);

const NAMES = Array.from({ length: 100 }, (_, index) => `site-${index}`);

describe.runIf(pebble !== undefined)('100 runs that start together at a CA without an account', () => {
  let bench: PebbleAccount;
  beforeAll(async () => {
    // Validations would wait for answers of this process, which 100 runs keep busy.
    bench = await startPebbleAccount({ alwaysValid: true });
    await bench.deploy(Object.fromEntries(NAMES.map((name) => [name, [`${name}.example.test`]])));
    const outcomes = await Promise.all(NAMES.map((name) => bench.start(name)));
    expect(new Set(outcomes)).toEqual(new Set(['started']));
    await bench.quiet();
  });
  afterAll(() => bench?.close());

  it('create exactly one account', () => {
    const registrations = bench.log.requests.filter(({ kind }) => kind === 'newAccount');
    console.log(`${registrations.length} newAccount requests`);
    expect(registrations.length).toBeGreaterThan(1);
    expect(registrations.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(new Set(registrations.map(({ location }) => location)).size).toBe(1);
  });

  it('all find it and succeed', async () => {
    const failed = bench.renewals().filter(({ status }) => status !== 'SUCCEEDED');
    const reasons = await Promise.all(NAMES.map(async (name) => (await bench.role(name)).failure?.message));
    expect(new Set(reasons)).toEqual(new Set([undefined]));
    expect(failed).toEqual([]);
    expect(bench.log.leafSerials().size).toBe(NAMES.length);
  });
});
