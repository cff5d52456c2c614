import { setTimeout as pause } from 'node:timers/promises';
import type { GuardedChild } from './guarded-child.ts';

const START_DEADLINE_MS = 60_000;

/** How a server is asked whether it is there yet. */
export type Knock = { readonly name: string; readonly endpoint: string; readonly answers: () => Promise<boolean> };

/** Waits until a server answers. Stops it and throws, with its output, where it does not within a minute. */
export async function untilReady(child: GuardedChild, { name, endpoint, answers }: Knock): Promise<void> {
  const giveUpAt = Date.now() + START_DEADLINE_MS;
  while (Date.now() < giveUpAt && !child.hasEnded()) {
    if (await answers()) return;
    await pause(100);
  }
  const output = child.output();
  await child.stop();
  throw new Error(`${name} does not answer at ${endpoint}; it printed:\n${output}`);
}

/** Whether a URL answers within two seconds, and what `accepts` says of that. */
export function answersAt(url: string, accepts: (response: Response) => boolean): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(accepts, () => false);
}
