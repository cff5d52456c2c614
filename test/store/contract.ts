import { afterAll, beforeAll, describe } from 'vitest';
import { attemptCases } from './contract/attempts.ts';
import { claimCases } from './contract/claims.ts';
import { dueCases } from './contract/due.ts';
import type { Endpoint, Ground } from './contract/ground.ts';
import { openGround } from './contract/ground.ts';
import { inventoryCases } from './contract/inventory.ts';
import { limitCases } from './contract/limits.ts';
import { rowCases } from './contract/rows.ts';
import { runEndCases } from './contract/run-ends.ts';
import { slotCases } from './contract/slots.ts';

/** What the store relies on and promises, on whatever speaks DynamoDB's protocol. */
export function storeContract(name: string, start: () => Promise<Endpoint>): void {
  describe(`the store on ${name}`, () => {
    let endpoint: Endpoint | undefined;
    let ground: Ground | undefined;
    beforeAll(async () => {
      endpoint = await start();
      ground = await openGround(endpoint);
    });
    afterAll(async () => {
      ground?.close();
      await endpoint?.stop();
    });
    const open = (): Ground => ground ?? notStarted(name);
    claimCases(open);
    slotCases(open);
    runEndCases(open);
    inventoryCases(open);
    rowCases(open);
    attemptCases(open);
    limitCases(open);
    dueCases(() => endpoint ?? notStarted(name));
  });
}

function notStarted(name: string): never {
  throw new Error(`${name} was not started`);
}
