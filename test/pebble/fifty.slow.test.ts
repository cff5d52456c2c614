import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transitionsOf } from '../../local/embedded/execution.ts';
import { findPebble } from '../../local/peers/pebble-binary.ts';
import { peerOrSkip } from '../support/peers.ts';
import type { PebbleAccount } from './pebble-account.ts';
import { startPebbleAccount } from './pebble-account.ts';
import { countEach } from './request-log.ts';

const pebble = await peerOrSkip('Pebble 2.10.1', findPebble);

const PEBBLES_DEFAULTS = { noSleep: false, sleepSeconds: 5, nonceRejectPercent: 5, authzReusePercent: 50 } as const;
const CERTIFICATES = 50;

/** Certificates of the first wave; each of the second has a name in common with one of them. */
const FIRST_WAVE = 25;

/** Names of certificate number `index`: some with a wildcard beside the apex, some with a name that others have too. */
function namesOf(index: number): readonly string[] {
  const own = `site-${index}.example.test`;
  const wildcard = index % 5 === 0 ? [`*.${own}`] : [];
  const shared = index % 5 === 1 ? ['shared.example.test'] : [];
  return [own, ...wildcard, ...shared, `pair-${index % FIRST_WAVE}.example.test`];
}

const SITES = Array.from({ length: CERTIFICATES }, (_, index) => ({ name: `site-${index}`, domains: namesOf(index) }));

const NAMES = SITES.flatMap(({ domains }) => domains).length;

describe.runIf(pebble !== undefined)('50 certificates at Pebble with its defaults', () => {
  let bench: PebbleAccount;
  let sweeps = 0;

  const areProven = async (sites: typeof SITES): Promise<boolean> => {
    const targets = await Promise.all(sites.map(({ name }) => bench.target(name)));
    return targets.every(({ desired, proven }) => desired !== undefined && proven === desired);
  };

  /** Sweeps until these are proven. A run whose validation failed is due again after twelve minutes. */
  const issue = async (sites: typeof SITES): Promise<void> => {
    await bench.deploy(Object.fromEntries(sites.map(({ name, domains }) => [name, domains])));
    const last = sweeps + 3;
    do {
      await bench.sweep();
      sweeps += 1;
      if (await areProven(sites)) return;
      bench.time.jump(13 * 60_000);
    } while (sweeps < last);
  };

  beforeAll(async () => {
    bench = await startPebbleAccount(PEBBLES_DEFAULTS);
    const from = performance.now();
    await issue(SITES.slice(0, FIRST_WAVE));
    await issue(SITES);
    const seconds = (performance.now() - from) / 1000;
    const { requests, accepted } = bench.log;
    console.log(
      `${CERTIFICATES} certificates in ${seconds.toFixed(1)} s, ${sweeps} sweeps, ${requests.length} requests, ` +
        `${requests.filter(({ body }) => body.includes(':badNonce')).length} bad nonces, ` +
        `${accepted('challenge').length} challenges for ${NAMES} names, ` +
        `transitions at most ${Math.max(...bench.renewals().map(transitionsOf))}`,
    );
  });
  afterAll(() => bench?.close());

  it('are issued, none twice, as Pebble and its answers tell', () => {
    const { log } = bench;
    const issuedByPebble = [...bench.pebble.output().matchAll(/Issued certificate serial (\w+) for order ([\w-]+)/g)];
    expect(issuedByPebble).toHaveLength(CERTIFICATES);
    expect(new Set(issuedByPebble.map(([, , order]) => order)).size).toBe(CERTIFICATES);
    expect(log.leafSerials().size).toBe(CERTIFICATES);
    const finalizes = countEach(log.accepted('finalize').map(({ url }) => url));
    expect(finalizes.size).toBe(CERTIFICATES);
    expect([...finalizes.values()].filter((count) => count !== 1)).toEqual([]);
  });

  it('are issued in the name of one account', () => {
    expect(bench.log.requests.filter(({ kind, status }) => kind === 'newAccount' && status === 201)).toHaveLength(1);
  });

  it('are served at the edge, each by its name, and proven', async () => {
    for (const {
      name,
      domains: [servername = ''],
    } of SITES) {
      const role = await bench.role(name);
      expect(await bench.served(servername)).toBe(role.version);
      expect((await bench.target(name)).proven).toBe(role.version);
    }
  });

  it('leave no TXT value behind', () => {
    expect(bench.account.route53.zones).toHaveLength(1);
    expect(bench.txtValues()).toEqual([]);
  });

  it('met refused nonces, asynchronous finalizes and reused authorizations: what the suite is about', () => {
    expect(bench.log.accepted('challenge').length).toBeLessThan(NAMES);
    expect(bench.log.requests.filter(({ body }) => body.includes(':badNonce')).length).toBeGreaterThan(0);
    expect(bench.log.accepted('finalize').filter(({ body }) => body.includes('"processing"')).length).toBeGreaterThan(
      0,
    );
  });
});
