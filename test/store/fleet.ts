import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import { syncInventory } from '../../lambdas/steps/sync-inventory.ts';
import { listInventory } from '../../lambdas/store/list-inventory.ts';
import type { Endpoint, Ground } from './contract/ground.ts';
import { declarationOf, NOW, openGround } from './contract/ground.ts';

const LATER = NOW + 60_000;

/** What a deployment does to so many certificates, and that it touches no others. */
export function fleetCases(count: number, timeoutMs: number, start: () => Promise<Endpoint>): void {
  let endpoint: Endpoint;
  let ground: Ground;
  beforeAll(async () => {
    endpoint = await start();
    ground = await openGround(endpoint);
  });
  afterAll(async () => {
    ground.close();
    await endpoint.stop();
  });

  const fleet = Array.from({ length: count }, (_, at) => declarationOf(`fleet-${at}`));
  const sync = async (declarations: readonly CertificateDeclaration[], now: number) => {
    const started = performance.now();
    const ports = { table: ground.table, clock: { now: () => now, sleep: async () => {} } };
    const changes = await syncInventory(declarations, ports);
    return { changes, ms: Math.round(performance.now() - started) };
  };

  describe(`${count} certificates`, () => {
    it(
      'are declared although a first attempt died half-way, and cost one look where nothing has changed',
      async () => {
        const first = await sync(fleet.slice(0, count / 2), NOW);
        const rest = await sync(fleet, LATER);
        expect(rest.changes.due).toEqual(fleet.slice(count / 2).map(({ name }) => name));
        const same = await sync(fleet, LATER);
        expect(same.changes).toEqual({ due: [], renamed: [], retired: [], unreadable: [] });
        console.info(`${count} certificates: two halves in ${first.ms} and ${rest.ms} ms, no change in ${same.ms} ms`);
        const known = await listInventory(ground.table);
        expect(known.size).toBe(count);
        expect(known.get('fleet-0')).toMatchObject({
          role: { startSeq: NOW, dueAt: NOW },
          targets: [{ kind: 'push' }],
        });
      },
      timeoutMs,
    );

    it(
      'of which one is renamed, ten are removed and one changes its names touch no other',
      async () => {
        const [first, second, ...others] = fleet;
        if (first === undefined || second === undefined) throw new Error('too few');
        const changed = { ...second, domains: ['changed.example.test'] };
        const { changes } = await sync([{ ...first, name: 'renamed' }, changed, ...others.slice(10)], LATER);
        const removed = others.slice(0, 10).map(({ name }) => name);
        expect(changes).toEqual({
          due: ['renamed', 'fleet-1'],
          renamed: ['renamed'],
          retired: removed.sort(),
          unreadable: [],
        });
        const known = await listInventory(ground.table);
        expect(known.get('renamed')).toMatchObject({ certificate: { renamedFrom: 'fleet-0' }, role: { dueAt: LATER } });
        expect(known.get('fleet-0')?.certificate).toMatchObject({ retired: true, renamedTo: 'renamed' });
        expect(known.get('fleet-1')?.role).toMatchObject({ dueAt: LATER, startSeq: LATER });
        for (const gone of ['fleet-0', ...removed]) expect(known.get(gone)?.role).not.toHaveProperty('dueAt');
        for (const gone of removed) {
          expect(known.get(gone)).toMatchObject({ certificate: { retired: true }, targets: [{ retired: true }] });
        }
        const untouched = others.slice(10).filter(({ name }) => known.get(name)?.role?.startSeq === LATER);
        expect(untouched.length).toBe(count / 2);
      },
      timeoutMs,
    );

    it(
      'of which too many are gone are left as they are',
      async () => {
        const before = await listInventory(ground.table);
        await expect(sync(fleet.slice(0, count / 2), LATER)).rejects.toThrow(
          /certificates are no longer in the config/,
        );
        await expect(sync([], LATER)).rejects.toThrow(/allowRetire: true/);
        expect(await listInventory(ground.table)).toEqual(before);
      },
      timeoutMs,
    );
  });
}
