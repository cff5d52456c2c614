import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';

/** What somebody who plays AWS does otherwise than AWS, where a contract would see it. */
export type Difference = {
  /** What the contract's test then fails with: the proof that the difference is still there. */
  readonly seen: RegExp;
  /** What AWS does instead, or what is lacking. */
  readonly reason: string;
};

/** Differences by the name of the contract's test, without the ids of the fault catalogue that it may end in. */
export type Differences = Readonly<Record<string, Difference>>;

/** Who plays AWS, and where it is known to differ. */
export type Judge = { readonly name: string; readonly differences?: Differences | undefined };

/** Adds a test to a contract. */
export type AddTest = (name: string, test: () => Promise<void>) => void;

/**
 * What a port promises, whoever plays AWS behind it. A test that its judge is known to fail must fail, and in the way that
 * was seen; so a list of differences shrinks as its judge gets better, and never names what the contract does not ask.
 */
export function contract(port: string, judge: Judge, promises: (promise: AddTest) => void): void {
  const { name: who, differences = {} } = judge;
  const asked = new Set<string>();
  describe(`${port} on ${who}`, () => {
    promises((name, test) => {
      const sentence = withoutIds(name);
      asked.add(sentence);
      const difference = differences[sentence];
      if (difference === undefined) it(name, test);
      else it(`${who} differs (${difference.reason}): ${name}`, () => stillDiffers(who, difference, test));
    });
    if (Object.keys(differences).length > 0) {
      it('lists differences of its own tests only', () => {
        expect(Object.keys(differences).filter((name) => !asked.has(name))).toEqual([]);
      });
    }
  });
}

function withoutIds(name: string): string {
  return name.replace(/ \[[A-Z]\d+(, [A-Z]\d+)*\]$/, '');
}

/** Passes where a test fails in the way that was seen; fails where it passes by now, or fails otherwise. */
export async function stillDiffers(who: string, { seen }: Difference, test: () => Promise<void>): Promise<void> {
  const outcome = await test().then(() => undefined, outcomeOf);
  if (outcome === undefined)
    throw new Error(`${who} does this as AWS does by now: strike the difference from the list.`);
  expect(outcome).toMatch(seen);
}

/** What failed, with the whole of what came instead: an assertion's own message cuts it short. */
function outcomeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const came = 'actual' in error ? inspect(error.actual, { depth: 4 }) : '';
  return `${error.name}: ${error.message}\n${came}`;
}
