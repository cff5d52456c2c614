import { describe, expect, it } from 'vitest';
import type { SlotDnsEntry, SlotRow } from '../../../lambdas/core/rows.ts';
import { CLOCK_SKEW_MS, TIMEOUTS } from '../../../lambdas/core/timeouts.ts';
import { claimRow } from '../../../lambdas/store/claim.ts';
import type { BeginTerms, Held, Lease } from '../../../lambdas/store/slots.ts';
import { beginSlot, readSlot, releaseSlot, saveSlot, settleSlot } from '../../../lambdas/store/slots.ts';
import type { Ground } from './ground.ts';
import { found, HOUR, MINUTE, NOW, newName, together } from './ground.ts';

const LEASE_MS = TIMEOUTS.lease * 1000;
const ENTRY: SlotDnsEntry = { name: '_acme-challenge.example.test', value: 'value', zoneId: 'Z1' };

const runs = async () => true;
const runsNot = async () => false;
const identityOf = (name: string) => ({
  directoryUrl: 'https://ca.example.test/directory',
  identifiers: [`${name}.test`],
});

let tokens = 0;
function termsOf(owner: string, changes: Partial<BeginTerms> = {}): BeginTerms {
  tokens += 1;
  return { owner, token: `token-${tokens}`, now: NOW, isRunning: runs, ...changes };
}

function leaseOf(begun: Lease | Held): Lease {
  if ('heldUntil' in begun) throw new Error('the slot is held');
  return begun;
}

const isLease = (begun: Lease | Held): begun is Lease => !('heldUntil' in begun);

/** The lock: owner, lease, and a fence that every write carries. */
export function slotCases(ground: () => Ground): void {
  describe('a slot', () => {
    takenCases(ground);
    raceCases(ground);
    zombieCases(ground);
    dueCases(ground);
  });
}

function takenCases(ground: () => Ground): void {
  it('is made by the first that begins', async () => {
    const { table } = ground();
    const identity = { ...identityOf(newName()), identifiers: ['b.test', 'a.test'] };
    const lease = leaseOf(await beginSlot(table, identity, termsOf('one', { token: 'mine' })));
    expect(lease).toMatchObject({ owner: 'one', fence: NOW, previousFence: 0 });
    expect(await readSlot(table, lease.key)).toEqual({
      ...lease.key,
      schema: 1,
      kind: 'settle',
      dueShard: expect.stringMatching(/^due-[0-7]$/),
      startSeq: 0,
      tries: 0,
      directoryUrl: identity.directoryUrl,
      identifiers: ['a.test', 'b.test'],
      owner: 'one',
      token: 'mine',
      leaseUntil: NOW + LEASE_MS,
      fence: NOW,
    });
  });

  it('is held while its owner runs within its lease', async () => {
    const { table } = ground();
    const identity = identityOf(newName());
    const lease = leaseOf(await beginSlot(table, identity, termsOf('one')));
    const late = termsOf('two', { now: NOW + LEASE_MS + CLOCK_SKEW_MS });
    expect(await beginSlot(table, identity, late)).toEqual({ heldUntil: NOW + LEASE_MS });
    expect(await readSlot(table, lease.key)).toEqual(lease.slot);
  });

  it('is taken when it was released', async () => {
    const { table } = ground();
    const identity = identityOf(newName());
    const first = leaseOf(await beginSlot(table, identity, termsOf('one')));
    await releaseSlot(table, first, NOW);
    const second = leaseOf(await beginSlot(table, identity, termsOf('two')));
    expect(second).toMatchObject({ owner: 'two', fence: first.fence + 1, previousFence: first.fence });
  });

  it('forgets what is left in the write that gives it free, so that no dead owner stays in a slot that is not due', async () => {
    const { table } = ground();
    const lease = leaseOf(await beginSlot(table, identityOf(newName()), termsOf('one')));
    const held = await saveSlot(table, lease, { dns: { id: ENTRY } }, NOW);
    await releaseSlot(table, held, NOW, { dns: undefined });
    const free = await readSlot(table, lease.key);
    expect([free?.owner, free?.dns, free?.dueAt, free?.fence]).toEqual([undefined, undefined, undefined, lease.fence]);
  });

  it('is taken again by its owner, with a fresh fence and a fresh lease', async () => {
    const { table } = ground();
    const identity = identityOf(newName());
    const first = leaseOf(await beginSlot(table, identity, termsOf('one')));
    const again = leaseOf(await beginSlot(table, identity, termsOf('one', { now: NOW + MINUTE })));
    expect(again).toMatchObject({ fence: NOW + MINUTE, previousFence: first.fence });
    expect(again.slot.leaseUntil).toBe(NOW + MINUTE + LEASE_MS);
  });

  it('is taken when its lease is over by more than clocks may differ', async () => {
    const { table } = ground();
    const identity = identityOf(newName());
    await beginSlot(table, identity, termsOf('one'));
    const over = termsOf('two', { now: NOW + LEASE_MS + CLOCK_SKEW_MS + 1 });
    expect(leaseOf(await beginSlot(table, identity, over)).owner).toBe('two');
  });

  it('is taken when its owner does not run any more; only the owner is asked about', async () => {
    const { table } = ground();
    const identity = identityOf(newName());
    await beginSlot(table, identity, termsOf('one'));
    const asked: string[] = [];
    const isRunning = async (owner: string) => asked.push(owner) < 0;
    expect(leaseOf(await beginSlot(table, identity, termsOf('two', { isRunning }))).owner).toBe('two');
    expect(asked).toEqual(['one']);
  });

  it('shows the holder what was written between its read and its begin', async () => {
    const { table, meanwhile } = ground();
    const identity = identityOf(newName());
    const first = leaseOf(await beginSlot(table, identity, termsOf('one')));
    meanwhile('UpdateItem', () => saveSlot(table, first, { dns: { id: ENTRY } }, NOW));
    const second = leaseOf(await beginSlot(table, identity, termsOf('one')));
    expect(second.slot.dns).toEqual({ id: ENTRY });
  });
}

function raceCases(ground: () => Ground): void {
  it.each([1, 2, 3])('gives unique, growing fences to 32 that race, none of whom runs: round %i', async () => {
    const { table } = ground();
    const identity = identityOf(newName());
    const begun = await together(32, (index) =>
      beginSlot(table, identity, termsOf(`run-${index}`, { isRunning: runsNot })),
    );
    const leases = begun.filter(isLease);
    const fences = leases.map(({ fence }) => fence);
    expect(leases.length).toBeGreaterThan(0);
    expect(new Set(fences).size).toBe(fences.length);
    for (const lease of leases) expect(lease.previousFence).toBeLessThan(lease.fence);
    const final = found(await readSlot(table, leases[0]?.key ?? { pk: '', sk: '' }));
    expect(final.fence).toBe(Math.max(...fences));
    expect(leases.find(({ fence }) => fence === final.fence)?.owner).toBe(final.owner);
  });

  it('is given to one of 32 that race and run', async () => {
    const { table } = ground();
    const identity = identityOf(newName());
    const begun = await together(32, (index) => beginSlot(table, identity, termsOf(`run-${index}`)));
    expect(begun.filter(isLease)).toHaveLength(1);
    for (const each of begun) if (!isLease(each)) expect(each.heldUntil).toBe(NOW + LEASE_MS);
  });

  it('tells two invocations of one owner apart that begin in the same millisecond', async () => {
    const { table } = ground();
    const identity = identityOf(newName());
    for (let round = 0; round < 5; round += 1) {
      const leases = (await together(2, () => beginSlot(table, identity, termsOf('one')))).map(leaseOf);
      const [older, newer] = leases.toSorted((a, b) => a.fence - b.fence);
      expect(found(newer).fence).toBeGreaterThan(found(older).fence);
      await expect(saveSlot(table, found(older), { dns: {} }, NOW)).rejects.toThrow(/was taken by another invocation/);
      await saveSlot(table, found(newer), { dns: {} }, NOW);
    }
  });

  it('is begun once by an invocation whose answer was lost', async () => {
    const { table, loseAnswers } = ground();
    const identity = identityOf(newName());
    loseAnswers(1);
    const lease = leaseOf(await beginSlot(table, identity, termsOf('one')));
    expect(lease.fence).toBe(NOW);
    expect((await readSlot(table, lease.key))?.fence).toBe(NOW);
    await saveSlot(table, lease, { dns: {} }, NOW);
  });
}

function zombieCases(ground: () => Ground): void {
  it('refuses what an earlier holder writes, releases or settles', async () => {
    const { table } = ground();
    const identity = identityOf(newName());
    const zombie = leaseOf(await beginSlot(table, identity, termsOf('one')));
    const holder = leaseOf(await beginSlot(table, identity, termsOf('two', { isRunning: runsNot })));
    const before = await readSlot(table, holder.key);
    await expect(saveSlot(table, zombie, { dns: { id: ENTRY } }, NOW)).rejects.toMatchObject({
      name: 'TransientFailure',
      detail: { code: 'slotLost' },
    });
    await releaseSlot(table, zombie, NOW);
    await settleSlot(table, zombie, { startSeq: 0 }, { dueAt: undefined, outbox: {} });
    expect(await readSlot(table, holder.key)).toEqual(before);
  });

  it('refuses an invocation of its owner that has been overtaken by a later one', async () => {
    const { table } = ground();
    const identity = identityOf(newName());
    const zombie = leaseOf(await beginSlot(table, identity, termsOf('one')));
    await beginSlot(table, identity, termsOf('one'));
    await expect(saveSlot(table, zombie, { orderTimes: [NOW] }, NOW)).rejects.toThrow(/after fence/);
  });

  it('refuses a holder that has released it', async () => {
    const { table } = ground();
    const lease = leaseOf(await beginSlot(table, identityOf(newName()), termsOf('one')));
    await releaseSlot(table, lease, NOW);
    await expect(saveSlot(table, lease, { dns: {} }, NOW)).rejects.toThrow(/was taken/);
  });

  it('keeps its fence and what is in it when it is released', async () => {
    const { table } = ground();
    const begun = leaseOf(await beginSlot(table, identityOf(newName()), termsOf('one')));
    const lease = await saveSlot(table, begun, { orderTimes: [NOW], dns: { id: ENTRY } }, NOW);
    await releaseSlot(table, lease, NOW);
    const { owner: _owner, leaseUntil: _lease, ...kept } = lease.slot;
    expect(await readSlot(table, lease.key)).toEqual(kept);
    expect(kept.fence).toBe(lease.fence);
  });
}

/** Attributes of an order that the store itself reads. */
const ORDER = { certificate: 'site', expires: NOW + HOUR } as SlotRow['order'];

function dueCases(ground: () => Ground): void {
  it('is due as long as something is left in it, and not any more after that', async () => {
    const { table } = ground();
    const begun = leaseOf(await beginSlot(table, identityOf(newName()), termsOf('one')));
    const ordered = await saveSlot(table, begun, { order: ORDER, dns: { id: ENTRY } }, NOW);
    expect(ordered.slot.dueAt).toBe(NOW + HOUR);
    const withoutOrder = await saveSlot(table, ordered, { order: undefined }, NOW);
    expect(withoutOrder.slot).not.toHaveProperty('order');
    expect(withoutOrder.slot.dueAt).toBe(NOW + MINUTE);
    const empty = await saveSlot(table, withoutOrder, { dns: undefined }, NOW);
    expect(empty.slot).not.toHaveProperty('dueAt');
  });

  it('is claimed for a settle run without touching its owner or fence, and settled by the holder of that claim', async () => {
    const { table } = ground();
    const begun = leaseOf(await beginSlot(table, identityOf(newName()), termsOf('one')));
    const lease = await saveSlot(table, begun, { dns: { id: ENTRY } }, NOW);
    const claim = found(await claimRow(table, lease.slot, { now: NOW + HOUR, random: () => 0 }));
    expect(await readSlot(table, lease.key)).toMatchObject({ owner: 'one', fence: lease.fence, tries: 1 });
    const settler = leaseOf(
      await beginSlot(table, lease.slot, termsOf('settle', { now: NOW + HOUR, isRunning: runsNot })),
    );
    await settleSlot(table, settler, claim, { dueAt: undefined, outbox: {} });
    const settled = found(await readSlot(table, lease.key));
    expect(settled).toMatchObject({ tries: 0, doneSeq: claim.startSeq, fence: settler.fence });
    for (const gone of ['owner', 'leaseUntil', 'runUntil', 'dueAt']) expect(settled).not.toHaveProperty(gone);
  });
}
