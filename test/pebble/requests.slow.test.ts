import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statesOf, transitionsOf } from '../../local/embedded/execution.ts';
import { findPebble } from '../../local/peers/pebble-binary.ts';
import { peerOrSkip } from '../support/peers.ts';
import type { PebbleAccount } from './pebble-account.ts';
import { startPebbleAccount } from './pebble-account.ts';

const pebble = await peerOrSkip('Pebble 2.10.1', findPebble);

/** One name, an existing account; after at most one poll each of authorization and order. */
const WARM = 7;
/** And the directory and a nonce before. */
const COLD = 9;
const TRANSITIONS = 10;

/** A directory object is kept for an hour. */
const DIRECTORY_IS_STALE_MS = 61 * 60_000;

describe.runIf(pebble !== undefined)(
  'a renewal of one name at Pebble, without its random sleeps and refused nonces',
  () => {
    let bench: PebbleAccount;
    beforeAll(async () => {
      bench = await startPebbleAccount();
      await bench.deploy({ site: ['www.example.test'] });
      await bench.sweep();
    });
    afterAll(() => bench?.close());

    /** A renewal as a person asks for it: what was sent to the CA, in order. */
    const renew = async (): Promise<readonly string[]> => {
      const before = bench.log.requests.length;
      const { version } = await bench.role('site');
      expect(await bench.start('site', true)).toBe('started');
      await bench.quiet();
      const role = await bench.role('site');
      expect(role.version).not.toBe(version);
      expect(await bench.served('www.example.test')).toBe(role.version);
      return bench.log.requests.slice(before).map(({ kind }) => kind);
    };

    /** As in a Lambda that has just started: no nonce at hand. */
    const forgetNonces = (): void => {
      const { acme } = bench.account.ports.order;
      while (acme.takeNonce(bench.pebble.directoryUrl) !== '');
    };

    it(`sends at most ${WARM} ACME requests when the directory and a nonce are at hand`, async () => {
      const sent = await renew();
      console.log(`warm: ${sent.length} requests: ${sent.join(', ')}`);
      expect(sent.length, sent.join(', ')).toBeLessThanOrEqual(WARM);
      expect(sent.filter((kind) => kind === 'finalize')).toHaveLength(1);
    });

    it(`sends at most ${COLD} from a cold start, account and all else known`, async () => {
      bench.time.jump(DIRECTORY_IS_STALE_MS);
      forgetNonces();
      const sent = await renew();
      console.log(`cold: ${sent.length} requests: ${sent.join(', ')}`);
      expect(sent.length, sent.join(', ')).toBeLessThanOrEqual(COLD);
      expect(sent.slice(0, 2)).toEqual(['directory', 'newNonce']);
      expect(sent).not.toContain('newAccount');
    });

    it(`takes at most ${TRANSITIONS} transitions, first issue and renewals alike`, () => {
      const transitions = bench.renewals().map(transitionsOf);
      console.log(`transitions: ${transitions.join(', ')}`);
      expect(transitions).toHaveLength(3);
      for (const run of bench.renewals())
        expect(transitionsOf(run), statesOf(run).join(', ')).toBeLessThanOrEqual(TRANSITIONS);
    });
  },
);
