import type { Stage } from '../stage.ts';
import type { Page } from '../story.ts';

/** What must hold over all scenes. */
export async function sumUp(stage: Stage, page: Page): Promise<void> {
  const { tally, parts } = stage;
  const versions = (await Promise.all(stage.deployed.map((name) => stage.versions(name)))).flat();
  const issued = versions.length;
  page.claim(
    `${issued} certificates came of ${issued} orders and ${issued} finalizes`,
    { orders: issued, finalizes: issued },
    { orders: tally.granted('newOrder'), finalizes: tally.granted('finalize') },
  );
  page.claim('no TXT record is left', [], stage.challenges());
  page.claim('each request to the CA was of a known kind', [], tally.of('unknown'));
  page.claim('the end of each failed run was told to RecordFailure', [], parts.account.interpreter.failedDeliveries);
}
