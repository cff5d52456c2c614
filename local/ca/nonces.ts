import type { CaClock, Tokens } from './clock.ts';

/** How many nonces are remembered, as at Let's Encrypt: the oldest are forgotten first. */
const WINDOW = 65_536;

/** Anti-replay nonces (RFC 8555 section 6.5): each is good once, for a while. */
export interface Nonces {
  issue(): string;
  /** True once for each nonce issued and still remembered. */
  redeem(nonce: string): boolean;
  /** Forgets all of them, as a restarted nonce service does. */
  forget(): void;
}

export function createNonces(clock: CaClock, token: Tokens, lifetimeMs: number): Nonces {
  const issued = new Map<string, number>();
  return {
    issue() {
      const nonce = token();
      issued.set(nonce, clock.now());
      const oldest = issued.size > WINDOW ? issued.keys().next().value : undefined;
      if (oldest !== undefined) issued.delete(oldest);
      return nonce;
    },
    redeem(nonce) {
      const at = issued.get(nonce);
      return issued.delete(nonce) && at !== undefined && clock.now() - at < lifetimeMs;
    },
    forget: () => issued.clear(),
  };
}
