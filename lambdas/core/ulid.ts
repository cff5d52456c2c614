import { createHash } from 'node:crypto';

/** Crockford's base 32: no I, L, O, U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_LENGTH = 10;
const SEED_LENGTH = 16;

/**
 * A ULID (github.com/ulid/spec) whose random part follows from `seed`: the same instant and seed always name the same thing, so
 * that a doubled invocation writes to the same row. Sorts by time. `at`: milliseconds since the epoch.
 */
export function ulidOf(at: number, seed: string): string {
  let time = '';
  for (let rest = Math.floor(at), digit = 0; digit < TIME_LENGTH; digit += 1) {
    time = ALPHABET.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  const hash = createHash('sha256').update(seed).digest();
  const random = Array.from(hash.subarray(0, SEED_LENGTH), (byte) => ALPHABET.charAt(byte % 32)).join('');
  return time + random;
}
