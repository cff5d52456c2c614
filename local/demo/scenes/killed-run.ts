import type { Stage } from '../stage.ts';
import type { Page } from '../story.ts';
import { claimServed, costOf, toldAbout } from './prove.ts';

const NAME = 'shop';

/**
 * A run dies between its finalize and the answer; the next one finds order and key, and collects.
 * @param others what must have ended before the clock may move
 */
export async function killedRun(stage: Stage, page: Page, others: Promise<unknown>): Promise<void> {
  stage.parts.follower.followCertificate(NAME, page);
  killAtFinalize(stage, page);
  page.act(`${NAME} is new; its run will be killed as soon as the CA has its finalize`);
  await stage.start(NAME);
  await stage.quiet(NAME);
  const keyId = await claimDead(stage, page);
  await others;
  await moveToNextTry(stage, page);
  await stage.sweep(page);
  await stage.quiet(NAME);
  await claimCollected(stage, page, keyId);
}

function killAtFinalize(stage: Stage, page: Page): void {
  const { network, account } = stage.parts;
  network.troubleFinalize(stage.declaration(NAME).domains, async (deliver) => {
    await deliver();
    page.act('the CA has the finalize; FinalizeOrder is killed before it sees the answer');
    return account.calls.kill();
  });
}

/** The run is dead, and what it leaves is enough for the next one. The id of the stored key. */
async function claimDead(stage: Stage, page: Page): Promise<string | undefined> {
  const [run] = stage.renewals(NAME);
  page.claim(
    'the run failed, as by a time-out of its Lambda',
    ['FAILED', 'Sandbox.Timedout'],
    [run?.status, run?.error],
  );
  const { order, owner } = await stage.slot(NAME);
  page.claim(
    'the slot is free, with the order and its finalize on record',
    [undefined, 1],
    [owner, order?.finalizeIntent?.count],
  );
  page.claim('nothing is served yet', undefined, (await stage.role(NAME)).version);
  return order?.key.keyId;
}

async function moveToNextTry(stage: Stage, page: Page): Promise<void> {
  const { dueAt = 0 } = await stage.role(NAME);
  const ms = dueAt - stage.now();
  page.act(`the next try is due in ${Math.round(ms / 1000)} s: the clock is moved there; a sweep follows`);
  await stage.parts.time.jump(ms + 1);
}

async function claimCollected(stage: Stage, page: Page, keyId: string | undefined): Promise<void> {
  await claimServed(stage, page, NAME);
  page.claim('still one order and one finalize', { newOrders: 1, finalizes: 1 }, costOf(stage, NAME));
  const versions = await stage.versions(NAME);
  const keys = versions.map(({ sealedKey }) => sealedKey.context.keyId);
  page.claim(`its key is the one stored before the order, ${keyId?.slice(0, 8)}`, [keyId], keys);
  page.claim(
    'people were told of the failure, and that it is over',
    [
      `Perennial: ${NAME}: renewal fails (Sandbox.Timedout)`,
      `Perennial: ${NAME} has its first certificate`,
      `Perennial: ${NAME} has recovered`,
    ],
    toldAbout(stage, NAME),
  );
}
