import { AsyncLocalStorage } from 'node:async_hooks';
import { expect } from 'vitest';
import type { OutsideCall } from '../../local/embedded/calls.ts';
import type { LocalHandler } from '../../local/embedded/invocation.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';
import type { BrokenCall, Fate } from './fates.ts';
import { WIRE_MS } from './fates.ts';

const DOMAIN = 'site.example.test';

/** A path of a certificate: its first issue or its renewal, at a CA that takes so long to issue. */
export type Path = { readonly renewal: boolean; readonly processingMs: number };

/** The path of one certificate in an account of its own, so that a call has the same number in every case. */
export class CrashCase {
  readonly #account: VirtualAccount;
  readonly #executions: AsyncLocalStorage<string>;
  readonly #start: number;
  readonly #issuedBefore: number;

  private constructor(account: VirtualAccount, executions: AsyncLocalStorage<string>) {
    this.#account = account;
    this.#executions = executions;
    this.#start = account.calls.made.length;
    this.#issuedBefore = account.ca.journal.issued.length;
  }

  /** Up to the moment at which the certificate is due. */
  static async prepare({ renewal, processingMs }: Path): Promise<CrashCase> {
    const executions = new AsyncLocalStorage<string>();
    const around =
      (_name: string, handler: LocalHandler): LocalHandler =>
      (payload) =>
        executions.run((payload as { execution: string }).execution, () => handler(payload));
    const account = await startVirtualAccount({ around }, { finalize: { processingMs } });
    await account.deploy([account.declaration('site', [DOMAIN])]);
    if (renewal) {
      await account.sweep();
      const { renewAt = 0 } = await account.role('site');
      await account.virtual.advance(renewAt - account.time.clock.now() + MINUTE);
    }
    return new CrashCase(account, executions);
  }

  /** The calls of the path when none of them breaks. */
  async walk(): Promise<readonly OutsideCall[]> {
    await this.#account.sweep();
    return this.#account.calls.made.slice(this.#start);
  }

  /** The same with one call broken, counted from 1, until everything is quiet. */
  async breakAt(index: number, fate: Fate): Promise<void> {
    const account = this.#account;
    let broken: BrokenCall | undefined;
    account.calls.plan = async (call, act) => {
      const execution = this.#executions.getStore();
      if (call.invocation === 0 || execution === undefined) return act();
      if (broken !== undefined) await fate.afterwards?.(call, execution, broken);
      if (broken !== undefined || call.number - this.#start !== index) return act();
      broken = { account, execution, act };
      return fate.meet(broken);
    };
    await account.sweep();
    // What was on the wire has arrived.
    await account.virtual.advance(2 * WIRE_MS);
    await account.settleDown(2 * DAY);
    expect(broken, `call ${index} was made`).toBeDefined();
  }

  /** The oracles: issued exactly once, each order finalized once at most, nothing left behind, the new certificate served. */
  async expectWhole(): Promise<void> {
    const { ca, acm, ...account } = this.#account;
    const role = await account.role('site');
    const [target] = await account.targets('site');
    expect(ca.journal.issued.length - this.#issuedBefore, 'certificates issued').toBe(1);
    expect(this.#finalizedTwice(), 'finalized twice').toEqual([]);
    expect(target?.proven).toBe(role.version);
    expect(role.failure).toBeUndefined();
    expect(role.outbox ?? {}).toEqual({});
    expect(this.#sinceOf('recovered'), 'failures whose end was told').toEqual(this.#sinceOf('failing'));
    expect(account.txtValues()).toEqual([]);
    const slot = await account.slot([DOMAIN]);
    expect([slot?.order, slot?.owner, slot?.dns, slot?.dueAt]).toEqual([undefined, undefined, undefined, undefined]);
    expect(acm.certificates()).toHaveLength(1);
  }

  /** Since when the failures were that messages of such types tell of. */
  #sinceOf(ending: string): readonly unknown[] {
    const told = this.#account.events.events().filter(({ detailType }) => detailType.endsWith(ending));
    return [...new Set(told.map(({ detail }) => (detail as { since?: number }).since))];
  }

  close(): Promise<void> {
    return this.#account.close();
  }

  /** Orders that the CA has got more than one finalize for, refused ones included. */
  #finalizedTwice(): readonly string[] {
    const { journal } = this.#account.ca;
    const orders = journal.requests.flatMap(({ endpoint, order }) => (endpoint === 'finalize' && order ? [order] : []));
    return [...new Set(orders)].filter((order) => journal.finalizes(order) > 1);
  }
}
