/** Nonces at hand for one directory (RFC 8555 section 6.5); each is given out once. */
export type NoncePool = { take(): string | undefined; give(nonce: string): void };

/** CAs forget nonces after minutes; more than these would only be stale. */
const MAX_NONCES = 32;

/** The freshest nonce is taken first. */
export function createNoncePool(): NoncePool {
  const nonces: string[] = [];
  return {
    take: () => nonces.pop(),
    give: (nonce) => {
      if (nonce === '' || nonces.includes(nonce)) return;
      nonces.push(nonce);
      if (nonces.length > MAX_NONCES) nonces.shift();
    },
  };
}
