import { statesOf } from '../../embedded/execution.ts';
import type { Stage } from '../stage.ts';
import type { Page } from '../story.ts';
import { claimServed, costOf, toldAbout } from './prove.ts';

const NAME = 'mail';
/** Between the first delivery and the second; the order is valid by then. Milliseconds. */
const REPEATED_AFTER_MS = 1_000;

/**
 * The outage that Perennial was written for. A proxy loses the answer to a finalize and sends the request again. The CA
 * refuses its used nonce, the client signs anew as RFC 8555 section 6.5 asks, and is told 403 orderNotReady: by the CA
 * itself, since the first finalize made the order valid.
 */
export async function lostAnswer(stage: Stage, page: Page): Promise<void> {
  stage.parts.follower.followCertificate(NAME, page);
  loseAnswer(stage, page);
  page.act(`${NAME} is new; a proxy will lose the answer to its finalize, and send the request again`);
  await stage.start(NAME);
  await stage.quiet(NAME);
  claimOutage(stage, page);
  await claimServed(stage, page, NAME);
  const ends = stage.renewals(NAME).map((run) => statesOf(run).at(-1));
  page.claim('the same run collected it; no second one was needed', ['Done'], ends);
  page.claim('one order was placed', 1, costOf(stage, NAME).newOrders);
  page.claim('nobody was told of a failure', [`Perennial: ${NAME} has its first certificate`], toldAbout(stage, NAME));
}

function loseAnswer(stage: Stage, page: Page): void {
  const { network, account } = stage.parts;
  network.troubleFinalize(stage.declaration(NAME).domains, async (deliver) => {
    await deliver();
    page.act('the CA has taken the finalize; its answer is lost');
    await account.time.clock.sleep(REPEATED_AFTER_MS);
    return deliver();
  });
}

function claimOutage(stage: Stage, page: Page): void {
  const answers = stage.tally.of('finalize', stage.declaration(NAME).domains);
  page.claim(
    'the CA took one finalize and refused the next two',
    [
      [200, undefined],
      [400, 'badNonce'],
      [403, 'orderNotReady'],
    ],
    answers.map(({ status, problem }) => [status, problem?.type]),
  );
  page.act(`in the CA's words: ${answers.at(-1)?.problem?.detail ?? 'none'}`);
}
