import { AsyncLocalStorage } from 'node:async_hooks';

/** One call of a step to the outside: an AWS operation, a request to a CA, a DNS look, a handshake. */
export type OutsideCall = {
  /** Counts from 1 over the account's whole life. */
  readonly number: number;
  /** Which invocation makes it, counted from 1; 0 outside of any. */
  readonly invocation: number;
  readonly handler: string;
  readonly service: string;
  readonly operation: string;
};

/** What a suite does with a call: act, fail before it, lose its answer, or kill the invocation. */
export type CallPlan = (call: OutsideCall, act: () => Promise<unknown>) => Promise<unknown>;

/** One invocation of one handler. */
export type Invocation = {
  readonly id: number;
  readonly handler: string;
  /** Rejects when the invocation is killed. */
  readonly killed: Promise<never>;
  readonly kill: () => void;
  readonly isKilled: () => boolean;
};

/** Thrown into the machine in place of a killed invocation: the platform's own time-out. */
export class InvocationKilled extends Error {
  constructor(handler: string) {
    super(`${handler} was killed`);
    this.name = 'Sandbox.Timedout';
  }
}

const invocations = new AsyncLocalStorage<Invocation>();

/** The invocation that this is called from. */
export function currentInvocation(): Invocation | undefined {
  return invocations.getStore();
}

/** Every call to the outside that an account's steps make passes here: counted, and handed to a plan. */
export class Calls {
  readonly made: OutsideCall[] = [];
  plan: CallPlan = (_call, act) => act();
  #invocations = 0;

  /** Runs a handler so that its calls are known as its own, until it ends or is killed. */
  async invoke<T>(handler: string, work: () => Promise<T>): Promise<T> {
    this.#invocations += 1;
    const invocation = newInvocation(this.#invocations, handler);
    return Promise.race([invocations.run(invocation, work), invocation.killed]);
  }

  /** One call. After its invocation was killed it never settles. */
  async pass<T>(service: string, operation: string, act: () => Promise<T>): Promise<T> {
    const invocation = invocations.getStore();
    if (invocation?.isKilled()) return new Promise<never>(() => undefined);
    const call = {
      number: this.made.length + 1,
      invocation: invocation?.id ?? 0,
      handler: invocation?.handler ?? 'outside',
      service,
      operation,
    };
    this.made.push(call);
    let answer: { value: T } | undefined;
    await this.plan(call, async () => {
      answer = { value: await act() };
      return answer.value;
    });
    if (invocation?.isKilled()) return new Promise<never>(() => undefined);
    if (answer === undefined) throw new Error(`the plan neither made the call ${service} ${operation} nor failed it`);
    return answer.value;
  }

  /** The invocation that asks; undefined outside of any. */
  current(): Invocation | undefined {
    return invocations.getStore();
  }

  /** For plans: ends the invocation that makes the present call, as a Lambda's time-out or a crash does. Never settles. */
  kill(): Promise<never> {
    const invocation = invocations.getStore();
    if (invocation === undefined) throw new Error('nothing to kill: the call was made outside of any invocation');
    invocation.kill();
    return new Promise<never>(() => undefined);
  }
}

function newInvocation(id: number, handler: string): Invocation {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  let dead = false;
  const kill = (): void => {
    dead = true;
    reject(new InvocationKilled(handler));
  };
  return { id, handler, killed: promise, kill, isKilled: () => dead };
}
