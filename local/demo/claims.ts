import { inspect, isDeepStrictEqual } from 'node:util';

/** A statement of the demo that was not so. */
export type FalseClaim = { readonly statement: string; readonly expected: string; readonly seen: string };

/** Checks each statement before it is made, and keeps those that are false. */
export class Claims {
  readonly failures: FalseClaim[] = [];
  #made = 0;

  get made(): number {
    return this.#made;
  }

  /** Whether what was seen is what was expected, in every part of it. */
  check(statement: string, expected: unknown, seen: unknown): FalseClaim | undefined {
    this.#made += 1;
    if (isDeepStrictEqual(seen, expected)) return undefined;
    const failure = { statement, expected: describe(expected), seen: describe(seen) };
    this.failures.push(failure);
    return failure;
  }
}

function describe(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 });
}
