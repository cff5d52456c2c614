import { statesOf } from '../../embedded/execution.ts';
import type { Stage } from '../stage.ts';
import type { Page } from '../story.ts';
import { claimReplaced, costOf, costSince, installed } from './prove.ts';

const NAME = 'api';

/** Two renewals of one certificate at once: by two people, and then by a doubled start of the same claim. */
export async function doubledRenewal(stage: Stage, page: Page): Promise<void> {
  stage.parts.follower.followCertificate(NAME, page);
  const before = {
    cost: costOf(stage, NAME),
    installed: await installed(stage, NAME),
    runs: stage.renewals(NAME).length,
  };
  page.act('this scene and the next two are played at the same time; each is told in one piece');
  page.act(`two people force a renewal of ${NAME} at the same moment`);
  const outcomes = await Promise.all([stage.start(NAME, true), stage.start(NAME, true)]);
  page.claim('one of them starts a run, the other is told no', ['lost', 'started'], [...outcomes].sort());
  page.act('a second run is started past that lock');
  startPastTheLock(stage);
  await stage.quiet(NAME);
  const ends = stage
    .renewals(NAME)
    .slice(before.runs)
    .map((run) => statesOf(run).at(-1));
  page.claim('of two runs one renewed, the other left it alone', ['Done', 'Held'], ends.sort());
  const cost = costSince(stage, NAME, before.cost);
  page.claim('one order was placed and one finalize sent', { newOrders: 1, finalizes: 1 }, cost);
  await claimReplaced(stage, page, NAME, before.installed);
}

/** What no starter of Perennial does: the same claim once more, under a name that is not its own. */
function startPastTheLock(stage: Stage): void {
  const first = stage.renewals(NAME).at(-1);
  if (first === undefined) throw new Error(`no run of ${NAME} to double`);
  stage.parts.account.interpreter.start('renewal', `doubled-${first.name}`.slice(0, 80), JSON.parse(first.input));
}
