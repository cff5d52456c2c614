import type { LimitHold } from '../core/limit-uses.ts';
import type { RowKey } from '../core/rows.ts';
import type { Held, Lease, SlotChanges, SlotIdentity } from '../store/slots.ts';
import { beginSlot, releaseSlot, saveSlot } from '../store/slots.ts';
import type { AttemptHistory } from './attempt-history.ts';
import type { RunPorts } from './ports.ts';

/** The slot while this invocation holds it: every save is fenced and replaces the lease. */
export class HeldSlot {
  #lease: Lease;
  readonly #ports: Pick<RunPorts, 'table' | 'clock'>;
  /** What this invocation tells of the attempt it works on. */
  readonly history: AttemptHistory;

  constructor(lease: Lease, ports: Pick<RunPorts, 'table' | 'clock'>, history: AttemptHistory) {
    this.#lease = lease;
    this.#ports = ports;
    this.history = history;
    history.continue(lease.slot.order);
  }

  get lease(): Lease {
    return this.#lease;
  }

  get order(): Lease['slot']['order'] {
    return this.#lease.slot.order;
  }

  get dns(): NonNullable<Lease['slot']['dns']> {
    return this.#lease.slot.dns ?? {};
  }

  /** What is reserved of the CA's limits. */
  get limits(): readonly LimitHold[] {
    return this.#lease.slot.limits ?? [];
  }

  /** What is reserved of one limit, by the key of its row. */
  holdOf(key: RowKey): LimitHold | undefined {
    return this.limits.find(({ pk, sk }) => pk === key.pk && sk === key.sk);
  }

  /** Throws a transient StepFailure when the slot has been taken since. */
  async save(changes: SlotChanges): Promise<void> {
    this.#lease = await saveSlot(this.#ports.table, this.#lease, changes, this.#ports.clock.now());
  }

  /** `last`: changes in the same write, for what nobody would come back to once it is done. */
  async release(last: SlotChanges = {}): Promise<void> {
    this.#lease = await releaseSlot(this.#ports.table, this.#lease, this.#ports.clock.now(), last);
  }
}

/** Begins on a slot in the name of an execution; {@link Held} when it is another's. */
export async function holdSlot(
  ports: RunPorts,
  owner: string,
  identity: SlotIdentity,
  history: AttemptHistory,
): Promise<HeldSlot | Held> {
  const begun = await beginSlot(ports.table, identity, {
    owner,
    token: ports.newId(),
    now: ports.clock.now(),
    isRunning: (execution) => ports.executions.isRunning(execution),
  });
  return 'heldUntil' in begun ? begun : new HeldSlot(begun, ports, history);
}
