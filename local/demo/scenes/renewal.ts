import { statesOf } from '../../embedded/execution.ts';
import type { Stage } from '../stage.ts';
import type { Page } from '../story.ts';
import { claimReplaced, costOf, costSince, installed } from './prove.ts';

const NAME = 'website';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Weeks pass. Nothing happens to a certificate until its renewal instant, and then all of it by itself. */
export async function renewal(stage: Stage, page: Page): Promise<void> {
  const before = { cost: costOf(stage, NAME), installed: await installed(stage, NAME) };
  page.act('the next sweep asks the CA when it would have its certificates renewed');
  await stage.sweep(page);
  await stage.quiet();
  await moveToRenewal(stage, page);
  const runsBefore = stage.runs().length;
  await stage.sweep(page);
  await stage.quiet();
  claimProvenAgain(stage, page, runsBefore);
  page.claim(
    'nothing is ordered before that instant',
    { newOrders: 0, finalizes: 0 },
    costSince(stage, NAME, before.cost),
  );
  stage.parts.follower.followCertificate(NAME, page);
  page.act('two minutes later there is another sweep');
  await stage.parts.time.jump(2 * MINUTE_MS);
  await stage.sweep(page);
  await stage.quiet();
  const cost = costSince(stage, NAME, before.cost);
  page.claim('one order was placed and one finalize sent', { newOrders: 1, finalizes: 1 }, cost);
  await claimReplaced(stage, page, NAME, before.installed);
}

async function moveToRenewal(stage: Stage, page: Page): Promise<void> {
  const { renewAt = 0 } = await stage.role(NAME);
  const ms = renewAt - stage.now() - MINUTE_MS;
  const day = new Date(renewAt).toISOString().slice(0, 10);
  page.act(`the clock moves ${Math.round(ms / DAY_MS)} days, to a minute before ${NAME}'s renewal on ${day}; a sweep`);
  await stage.parts.time.jump(ms);
}

/** Weeks are more than a target may go without a proof that it still serves what it should. */
function claimProvenAgain(stage: Stage, page: Page, runsBefore: number): void {
  const runs = stage.runs().slice(runsBefore);
  const pushes = runs.filter(({ machine }) => machine === 'push').map((run) => statesOf(run).at(-1));
  page.claim(
    'each target is proven again: that was due long ago',
    stage.deployed.flatMap((name) => stage.declaration(name).targets.map(() => 'Done')),
    pushes,
  );
}
