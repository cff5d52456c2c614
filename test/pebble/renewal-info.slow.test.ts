import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpsSend } from '../../lambdas/acme/http.ts';
import { readAri } from '../../lambdas/store/ari.ts';
import { readVersion } from '../../lambdas/store/certificates.ts';
import { findPebble } from '../../local/peers/pebble-binary.ts';
import { peerOrSkip } from '../support/peers.ts';
import type { PebbleAccount } from './pebble-account.ts';
import { startPebbleAccount } from './pebble-account.ts';

const found = await peerOrSkip('Pebble 2.10.1', findPebble);

const HOUR_MS = 3_600_000;

describe.runIf(found !== undefined)('Renewal windows of Pebble', () => {
  let bench: PebbleAccount;
  const https = createHttpsSend();
  const table = () => bench.account.ports.base.table;

  beforeAll(async () => {
    bench = await startPebbleAccount({ alwaysValid: true });
    await bench.deploy({ site: ['example.test'] });
    await bench.sweep();
  });
  afterAll(async () => {
    https.close();
    await bench?.close();
  });

  /** Has Pebble answer so about the present certificate; then its next question is asked. */
  async function answer(response: string): Promise<void> {
    const { version = '' } = await bench.role('site');
    const { chainPem = '' } = (await readVersion(table(), 'site', version)) ?? {};
    const [leaf = ''] = chainPem.split(/(?<=-----END CERTIFICATE-----\n)/);
    const answered = await https.send({
      url: `${bench.pebble.managementUrl}/set-renewal-info/`,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'test' },
      body: JSON.stringify({ certificate: leaf, ariResponse: response }),
      timeoutMs: 10_000,
      rootsPem: bench.pebble.rootPem,
    });
    expect(answered).toMatchObject({ status: 200 });
    await bench.time.jump(7 * HOUR_MS);
    await bench.sweep();
  }

  it('move the renewal of a certificate into the window', async () => {
    await bench.sweep();
    const ari = await readAri(table(), 'site');
    const { renewAt = 0 } = await bench.role('site');
    expect(ari?.failure).toBeUndefined();
    expect(ari?.drawnAt).toBe(renewAt);
    expect(renewAt).toBeGreaterThanOrEqual(ari?.window?.start ?? Number.POSITIVE_INFINITY);
    expect(renewAt).toBeLessThan(ari?.window?.end ?? 0);
  });

  it('that are none change nothing [J3]', async () => {
    const before = await bench.role('site');
    await answer('{"suggestedWindow": {"start": "2027');
    expect((await readAri(table(), 'site'))?.failure?.lasting).toBe(true);
    expect((await bench.role('site')).version).toBe(before.version);
    expect((await bench.role('site')).renewAt).toBeLessThanOrEqual(before.renewAt ?? 0);
  });

  it('that have passed have it renewed at once, as the replacement of the first [J4]', async () => {
    const before = await bench.role('site');
    const at = bench.account.time.clock.now();
    const [start, end] = [at - HOUR_MS, at - HOUR_MS / 2].map((instant) => new Date(instant).toISOString());
    await answer(JSON.stringify({ suggestedWindow: { start, end }, explanationURL: 'https://ca.test/why' }));
    await bench.sweep();
    const after = await bench.role('site');
    expect(after.version).not.toBe(before.version);
    expect(await bench.served('example.test')).toBe(after.version);
    expect(bench.txtValues()).toEqual([]);
    expect(bench.log.leafSerials().size).toBe(2);
  });
});
