import type { Clock, Secrets } from '../core/ports.ts';

/** Secrets that are not asked for at every message. */
export type CachedSecrets = {
  /** The text of a secret, at most five minutes old. Throws as {@link Secrets} does. */
  read(name: string): Promise<{ readonly text: string; readonly wasCached: boolean }>;
  /** Has the next read ask again. */
  forget(name: string): void;
};

/** So long a secret that was replaced may still be used. Milliseconds. */
const LIFETIME_MS = 5 * 60_000;

/** Keeps secrets in the memory of one Lambda. */
export function createCachedSecrets(secrets: Secrets, clock: Pick<Clock, 'now'>): CachedSecrets {
  const kept = new Map<string, { readonly text: string; readonly readAt: number }>();
  return {
    read: async (name) => {
      const found = kept.get(name);
      if (found !== undefined && clock.now() - found.readAt < LIFETIME_MS) return { text: found.text, wasCached: true };
      const readAt = clock.now();
      const text = await secrets.read(name);
      kept.set(name, { text, readAt });
      return { text, wasCached: false };
    },
    forget: (name) => {
      kept.delete(name);
    },
  };
}
