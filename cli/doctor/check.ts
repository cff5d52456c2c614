import { awsErrorFacts } from '../../lambdas/core/aws-failure.ts';
import type { Account, Desk } from '../desk.ts';

/** What the doctor has looked at. */
export type Check = {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
  /** What a person is to do; where something needs it. */
  readonly remedy?: string;
};

/** Looks at one thing, or at several of a kind. Reads only; may throw what the clients throw. */
export type Examine = (desk: Desk, account: Account, now: number) => Promise<Check | readonly Check[]>;

/** A check that cannot be made needs attention too. */
export async function examined(name: string, look: ReturnType<Examine>): Promise<readonly Check[]> {
  try {
    return [await look].flat();
  } catch (error) {
    const { name: code, message } = awsErrorFacts(error);
    const said = message.split('\n')[0] ?? '';
    return [{ name, ok: false, message: `could not be looked at: ${code}: ${said}`, remedy: REMEDY }];
  }
}

/** The stack was deployed by a version that does not say where `what` is. */
export function unsaid(name: string, what: string, stack: string): Check {
  return { name, ok: false, message: `${stack} does not say ${what}`, remedy: 'Deploy it again with this version.' };
}

const REMEDY = 'Allow the person who asks what docs/cli.md lists.';
