import { transitionsOf } from '../../embedded/execution.ts';
import type { CertificateName } from '../config.ts';
import type { Stage } from '../stage.ts';
import type { Page } from '../story.ts';
import { claimServed, costOf, toldAbout } from './prove.ts';

const NAMES: readonly CertificateName[] = ['website', 'api'];
/** What a Renewal may cost in all. Transitions. */
const MOST_TRANSITIONS = 10;

/** Two certificates are declared; one sweep leads to both being served. */
export async function firstIssue(stage: Stage, page: Page): Promise<void> {
  for (const name of NAMES) stage.parts.follower.followCertificate(name, page);
  page.act('a deployment declares two certificates, one with a wildcard; a sweep follows');
  await stage.deploy(NAMES);
  await stage.sweep(page);
  await stage.quiet();
  for (const name of NAMES) await claimServed(stage, page, name);
  for (const name of NAMES) {
    page.claim(`${name} took one order and one finalize`, { newOrders: 1, finalizes: 1 }, costOf(stage, name));
    page.claim(
      `people were told “${name} has its first certificate”`,
      [`Perennial: ${name} has its first certificate`],
      toldAbout(stage, name),
    );
  }
  const transitions = NAMES.flatMap((name) => stage.renewals(name).map(transitionsOf));
  const most = Math.max(...transitions);
  page.claim(`${most} transitions for each; ${MOST_TRANSITIONS} are allowed`, true, most <= MOST_TRANSITIONS);
  page.claim('no TXT record is left', [], stage.challenges());
}
