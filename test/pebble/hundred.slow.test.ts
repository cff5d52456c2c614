import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpSend } from '../../lambdas/acme/http.ts';
import type { RetryPolicy } from '../../lambdas/core/retry-policy.ts';
import { VirtualTime } from '../../local/embedded/virtual-time.ts';
import { findPebble } from '../../local/peers/pebble-binary.ts';
import { peerOrSkip } from '../support/peers.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { LossyLine } from './lossy-send.ts';
import { lossyLine } from './lossy-send.ts';
import type { PebbleAccount } from './pebble-account.ts';
import { startPebbleAccount } from './pebble-account.ts';
import { countEach } from './request-log.ts';

const pebble = await peerOrSkip('Pebble 2.10.1', findPebble);

const SEED = Number(process.env.HUNDRED_SEED ?? 1);
const LOSSES = { answersLost: 0.2, resets: 0.04, gatewayErrors: 0.04 } as const;
const CERTIFICATES = 100;

/** Tries follow each other every minute, so that hours of the ladder need not pass. */
const RETRY: RetryPolicy = { baseSeconds: 60, factor: 1, ceilingSeconds: 60, jitter: 0, fastAttempts: 20 };
const NEXT_TRY_MS = 61_000;
const MOST_SWEEPS = 20;

const SITES = Array.from({ length: CERTIFICATES }, (_, index) => ({
  name: `site-${index}`,
  domains: [`site-${index}.example.test`, ...(index % 10 === 0 ? [`*.site-${index}.example.test`] : [])],
}));

describe.runIf(pebble !== undefined)(
  '100 certificates at Pebble through a line that loses a fifth of all answers',
  () => {
    let bench: PebbleAccount;
    let line: LossyLine;
    let virtual: VirtualTime;
    let sweeps = 0;

    const unproven = async (): Promise<readonly string[]> => {
      const targets = await Promise.all(SITES.map(async ({ name }) => ({ name, target: await bench.target(name) })));
      return targets
        .filter(({ target }) => target.desired === undefined || target.proven !== target.desired)
        .map(({ name }) => name);
    };

    beforeAll(async () => {
      virtual = new VirtualTime(Date.now());
      const through = (send: HttpSend): HttpSend => {
        line = lossyLine(send, LOSSES, seededRandom(SEED));
        return line.send;
      };
      bench = await startPebbleAccount({ nonceRejectPercent: 5 }, through, virtual);
      const from = performance.now();
      const certificates = Object.fromEntries(SITES.map(({ name, domains }) => [name, domains]));
      await bench.deploy(certificates, { retry: RETRY });
      do {
        await bench.sweep();
        sweeps += 1;
        await virtual.advance(NEXT_TRY_MS);
      } while ((await unproven()).length > 0 && sweeps < MOST_SWEEPS);
      // What a run that died has left in a slot is cleared by Settle, a day later at most; six orders in vain wait as long. Where
      // both are due at once the order is held for ten minutes.
      line.heal();
      await virtual.advance(25 * 3_600_000);
      await bench.sweep();
      await virtual.advance(15 * 60_000);
      await bench.sweep();
      const seconds = (performance.now() - from) / 1000;
      const { requests } = bench.log;
      console.log(
        `seed ${SEED}: ${CERTIFICATES} certificates in ${seconds.toFixed(1)} s, ${sweeps} sweeps, ` +
          `${requests.length} requests arrived, struck: ${JSON.stringify(line.struck)}, ` +
          `runs that failed: ${bench.renewals().filter(({ status }) => status === 'FAILED').length}`,
      );
    });
    afterAll(async () => {
      await bench?.close();
      virtual.dispose();
    });

    it('are all issued and served', async () => {
      expect(await unproven()).toEqual([]);
    });

    it('are issued once each: no order and no name twice, as Pebble tells', () => {
      const issued = [...bench.pebble.output().matchAll(/Issued certificate serial (\w+) for order ([\w-]+)/g)];
      const orders = countEach(issued.map(([, , order = '']) => order));
      expect([...orders.values()].filter((count) => count !== 1)).toEqual([]);
      expect(issued).toHaveLength(CERTIFICATES);
    });

    it('are finalized by one accepted request for each order', () => {
      const finalizes = countEach(bench.log.accepted('finalize').map(({ url }) => url));
      expect([...finalizes.values()].filter((count) => count !== 1)).toEqual([]);
    });

    it('leave no TXT value behind', () => {
      expect(bench.txtValues()).toEqual([]);
    });

    it('met what the suite is about: lost answers, resets and 5xx in number', () => {
      const { answersLost, resets, gatewayErrors } = line.struck;
      const sent = bench.log.requests.length + resets;
      expect(answersLost / sent).toBeGreaterThan(0.15);
      expect(resets).toBeGreaterThan(0);
      expect(gatewayErrors).toBeGreaterThan(0);
    });
  },
);
