/** Where time and chance come from. Nothing in the CA reads a clock or a generator of its own. */
export interface CaClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** Used by the `delay` fault alone. */
  sleep(ms: number): Promise<void>;
}

/** Makes unguessable names; never the same twice, whatever `random` is. */
export type Tokens = () => string;

/** 128 random bits (RFC 8555 section 8), and a count that keeps a poor or scripted generator from repeating itself. */
export function createTokens(clock: CaClock): Tokens {
  let count = 0;
  return () => {
    const bytes = Buffer.alloc(18);
    for (let index = 0; index < 16; index += 1) bytes[index] = Math.floor(clock.random() * 256);
    count += 1;
    bytes.writeUInt16BE(count % 65_536, 16);
    return bytes.toString('base64url');
  };
}

/** RFC 3339 without fractions, as in `expires`. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
