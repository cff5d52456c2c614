import { bodyOf, type Front, passOn, startFront } from '../../../local/deployed/front.ts';
import type { Ground } from '../../../local/deployed/ministack.ts';

/** DynamoDB as it is, but for answers that can be withheld: what a Lambda is killed at by its timeout. */
export interface SilentDynamoDb extends Front {
  /** The next call that matches is made, and its answer never comes. */
  withholdNext(matches: (operation: string, body: string) => boolean): { readonly withheld: () => boolean };
}

export async function startSilentDynamoDb(ground: Ground): Promise<SilentDynamoDb> {
  let trap: ((operation: string, body: string) => boolean) | undefined;
  const front = await startFront(ground, async (from) => {
    const operation = String(from.headers['x-amz-target']).replace(/^.*\./, '');
    const body = await bodyOf(from);
    const caught = trap?.(operation, body.toString('utf8')) ?? false;
    if (caught) trap = undefined;
    const answer = await passOn(from, body, ground);
    return caught ? new Promise(() => undefined) : answer;
  });
  return {
    ...front,
    withholdNext: (matches) => {
      trap = matches;
      return { withheld: () => trap !== matches };
    },
  };
}
