import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CLOCK_SKEW_MS, TIMEOUTS } from '../../lambdas/core/timeouts.ts';
import { claimRow } from '../../lambdas/store/claim.ts';
import type { Held, Lease } from '../../lambdas/store/slots.ts';
import { beginSlot, readSlot, releaseSlot, saveSlot, settleSlot } from '../../lambdas/store/slots.ts';
import type { Calls } from '../../local/embedded/calls.ts';
import type { Desk } from './table.ts';
import { fenceOf, openDesk } from './table.ts';

const NOW = Date.UTC(2027, 0, 1);
const LEASE_MS = TIMEOUTS.lease * 1000;
const IDENTITY = { directoryUrl: 'https://ca.example.test/directory', identifiers: ['example.test'] };
const OWNERS = ['one', 'two', 'three'];

/** One thing that happens to a slot. A `late` one uses its owner's lease before the last: a zombie. */
const EVENT = fc.record({
  kind: fc.constantFrom('begin', 'begin', 'save', 'release', 'settle', 'end', 'wait'),
  owner: fc.constantFrom(...OWNERS),
  late: fc.boolean(),
  skew: fc.integer({ min: -CLOCK_SKEW_MS / 2, max: CLOCK_SKEW_MS / 2 }),
  wait: fc.integer({ min: 0, max: LEASE_MS }),
  lost: fc.constantFrom(0, 0, 1, 2),
});
type SlotEvent = typeof EVENT extends fc.Arbitrary<infer Drawn> ? Drawn : never;

/** The slot as it should be, beside the slot as it is. */
class Model {
  readonly #desk: Desk;
  readonly #leases = new Map<string, Lease[]>();
  readonly #running = new Set(OWNERS);
  #owner: string | undefined;
  #fence = 0;
  #leaseUntil = 0;
  #clock = NOW;
  #events = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  async play(event: SlotEvent): Promise<void> {
    this.#events += 1;
    loseAnswers(this.#desk.calls, event.lost);
    const now = this.#clock + event.skew;
    if (event.kind === 'wait') this.#clock += event.wait;
    if (event.kind === 'end') this.#running.delete(event.owner);
    if (event.kind === 'begin') await this.#begin(event.owner, now);
    const lease = this.#leases.get(event.owner)?.at(event.late ? -2 : -1);
    if (lease !== undefined) await this.#write(event.kind, lease, now);
    await this.#compare();
  }

  async #begin(owner: string, now: number): Promise<void> {
    const isRunning = async (asked: string): Promise<boolean> => this.#running.has(asked);
    const begun = await beginSlot(this.#desk.table, IDENTITY, {
      owner,
      token: `token-${this.#events}`,
      now,
      isRunning,
    });
    const leaseIsOver = this.#leaseUntil + CLOCK_SKEW_MS < now;
    const holder = this.#owner;
    const isFree = holder === undefined || holder === owner || leaseIsOver || !this.#running.has(holder);
    expect(isLease(begun)).toBe(isFree);
    if (!isLease(begun)) return;
    expect([begun.fence, begun.previousFence]).toEqual([Math.max(now, this.#fence + 1), this.#fence]);
    [this.#owner, this.#fence, this.#leaseUntil] = [owner, begun.fence, now + LEASE_MS];
    this.#leases.set(owner, [...(this.#leases.get(owner) ?? []), begun]);
  }

  async #write(kind: SlotEvent['kind'], lease: Lease, now: number): Promise<void> {
    const { table } = this.#desk;
    const holds = this.#owner === lease.owner && this.#fence === lease.fence;
    if (kind === 'save') {
      const saved = await saveSlot(table, lease, { orderTimes: [this.#events] }, now).catch(() => undefined);
      // An answer that is lost makes the SDK write the same again: a save by fence holds both times.
      expect(saved !== undefined).toBe(holds);
    }
    if (kind === 'release') await releaseSlot(table, lease, now);
    if (kind === 'settle') await this.#settle(lease, now);
    if (holds && (kind === 'release' || kind === 'settle')) await this.#released(kind, lease);
  }

  async #settle(lease: Lease, now: number): Promise<void> {
    const { table } = this.#desk;
    const slot = await readSlot(table, lease.key);
    const claim = slot && (await claimRow(table, slot, { now, random: () => 0, forced: true }));
    if (claim !== undefined) await settleSlot(table, lease, claim, { dueAt: undefined, outbox: {} });
  }

  /** A release by the holder is never lost; a settle may have found its claim taken. */
  async #released(kind: 'release' | 'settle', lease: Lease): Promise<void> {
    const slot = await readSlot(this.#desk.table, lease.key);
    if (kind === 'settle' && slot?.owner !== undefined) return;
    expect(slot?.owner).toBeUndefined();
    this.#owner = undefined;
  }

  async #compare(): Promise<void> {
    const [known] = [...this.#leases.values()].flat();
    const row = known === undefined ? undefined : await readSlot(this.#desk.table, known.key);
    expect([row?.owner, row?.fence ?? 0]).toEqual([this.#owner, this.#fence]);
  }
}

it('begin, save, release and settle do what their model does, whatever the order, the clocks and lost answers [L2] [L6] [L7] [L9]', async () => {
  const property = fc.asyncProperty(fc.array(EVENT, { maxLength: 30 }), async (events) => {
    const fences: number[] = [];
    const desk = await openDesk(({ before, after }) => {
      const fence = fenceOf(after);
      if (fence !== undefined && fence !== fenceOf(before)) fences.push(fence);
    });
    const model = new Model(desk);
    for (const event of events) await model.play(event);
    expect(fences).toEqual([...new Set(fences)].sort((one, other) => one - other));
  });
  await fc.assert(property, { numRuns: 100, seed: 1 });
});

const isLease = (begun: Lease | Held): begun is Lease => !('heldUntil' in begun);

/** The next writes take effect and lose their answers, so the SDK sends them again. */
function loseAnswers(calls: Calls, times: number): void {
  let left = times;
  calls.plan = async ({ operation }, act) => {
    const answer = await act();
    if (operation !== 'UpdateItem' || left === 0) return answer;
    left -= 1;
    throw Object.assign(new Error('the answer was lost'), { name: 'TimeoutError' });
  };
}
