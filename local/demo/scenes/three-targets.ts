import type { TargetRow } from '../../../lambdas/core/rows.ts';
import { EXPORT_BUCKET } from '../config.ts';
import type { Stage } from '../stage.ts';
import type { Page } from '../story.ts';
import { costOf, short, toldAbout } from './prove.ts';

const NAME = 'files';
const MINUTE_MS = 60_000;
/** The first and the second step of the ladder, with room for its jitter. Milliseconds. */
const TRIES_AFTER = [2 * MINUTE_MS, 12 * MINUTE_MS];

/** One certificate goes to three targets: one of them fails twice, keeps nobody waiting, and recovers. */
export async function threeTargets(stage: Stage, page: Page): Promise<void> {
  stage.parts.follower.followCertificate(NAME, page);
  page.act('files was issued beside the scenes before, for ACM, a secret and a bucket that is not there yet');
  await stage.quiet();
  await tellTable(stage, page);
  const { version = 'none' } = await stage.role(NAME);
  page.claim(
    'two targets are proven, whatever the third does',
    { acm: version, s3: 'nothing', 'secrets-manager': version },
    await provenAt(stage),
  );
  page.act('a minute later the bucket is still missing, and the push fails again');
  await tryAgain(stage, page, 0);
  page.claim('it has failed twice', 2, (await targetAt(stage, 's3'))?.failure?.count);
  page.act('somebody makes the bucket; ten minutes later the push is tried again');
  stage.parts.account.s3.createBucket(EXPORT_BUCKET);
  await tryAgain(stage, page, 1);
  await tellTable(stage, page);
  page.claim(
    'all three hold the version',
    { acm: version, s3: version, 'secrets-manager': version },
    await provenAt(stage),
  );
  page.claim('it took one order and one finalize', { newOrders: 1, finalizes: 1 }, costOf(stage, NAME));
  page.claim(
    'people were told once that the push fails, and once that it works again',
    [
      `Perennial: ${NAME} has its first certificate`,
      `Perennial: ${NAME}: push to s3 fails (NoSuchBucket)`,
      `Perennial: ${NAME}: push to s3 has recovered`,
    ],
    toldAbout(stage, NAME),
  );
}

async function tryAgain(stage: Stage, page: Page, step: 0 | 1): Promise<void> {
  await stage.parts.time.jump(TRIES_AFTER[step] ?? 0);
  await stage.sweep(page);
  await stage.quiet();
}

async function targetAt(stage: Stage, id: string): Promise<TargetRow | undefined> {
  return (await stage.targets(NAME)).find(({ target }) => target.id === id);
}

async function provenAt(stage: Stage): Promise<Readonly<Record<string, string>>> {
  const targets = await stage.targets(NAME);
  return Object.fromEntries(targets.map(({ target, proven = 'nothing' }) => [target.id, proven]));
}

/** Target, desired, served, since. */
async function tellTable(stage: Stage, page: Page): Promise<void> {
  const rows = (await stage.targets(NAME)).map(({ target, desired, proven, provenAt: at }) => [
    target.id,
    desired === undefined ? 'nothing' : short(desired),
    proven === undefined ? 'nothing' : short(proven),
    at === undefined ? '' : new Date(at).toISOString().slice(0, 19),
  ]);
  page.table([['target', 'desired', 'served', 'since'], ...rows]);
}
