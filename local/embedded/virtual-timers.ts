import { AsyncLocalStorage } from 'node:async_hooks';

/** The timers of one virtual clock. */
export type VirtualTimers = {
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
};

const current = new AsyncLocalStorage<VirtualTimers | undefined>();
const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
const virtual = new WeakMap<object, VirtualTimers>();
let users = 0;

/** Runs code whose `setTimeout` and `clearTimeout` are virtual, also after every `await`. */
export function withVirtualTimers<T>(timers: VirtualTimers, work: () => T): T {
  return current.run(timers, work);
}

/** Runs code with real timers, wherever it is called from. */
export function withRealTimers<T>(work: () => T): T {
  return current.run(undefined, work);
}

/** Makes the global functions follow the async context. Undone by as many calls of {@link uninstall}. */
export function install(): void {
  users += 1;
  if (users === 1)
    Object.assign(globalThis, { setTimeout: contextualSetTimeout, clearTimeout: contextualClearTimeout });
}

export function uninstall(): void {
  users -= 1;
  if (users === 0) Object.assign(globalThis, real);
}

function setTimeoutInContext(callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): unknown {
  const timers = current.getStore();
  if (timers === undefined) return real.setTimeout(callback, ms, ...args);
  const timer = timers.setTimeout(
    AsyncLocalStorage.bind(() => callback(...args)),
    ms,
  );
  if (typeof timer === 'object' && timer !== null) virtual.set(timer, timers);
  return timer;
}

// `util.promisify(setTimeout)` must go on working.
const contextualSetTimeout = Object.defineProperties(setTimeoutInContext, {
  ...Object.getOwnPropertyDescriptors(real.setTimeout),
});

function contextualClearTimeout(timer?: NodeJS.Timeout | string | number): void {
  const timers = typeof timer === 'object' ? virtual.get(timer) : undefined;
  if (timers === undefined) real.clearTimeout(timer);
  else timers.clearTimeout(timer);
}
