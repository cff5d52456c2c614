import { CERTIFICATE_NAMES } from './config.ts';
import { doubledRenewal } from './scenes/doubled-renewal.ts';
import { firstIssue } from './scenes/first-issue.ts';
import { killedRun } from './scenes/killed-run.ts';
import { lostAnswer } from './scenes/lost-answer.ts';
import { renewal } from './scenes/renewal.ts';
import { sumUp } from './scenes/sum-up.ts';
import { threeTargets } from './scenes/three-targets.ts';
import type { Stage } from './stage.ts';
import type { Page, Story } from './story.ts';

/** Plays all scenes; what was not as claimed is in the story's claims. @throws where a scene could not be played */
export async function play(stage: Stage, story: Story): Promise<void> {
  const scenes = [
    () => told(story.page('1  Two certificates are issued, pushed and served'), (page) => firstIssue(stage, page)),
    () => playTroubles(stage, story),
    () => told(story.page('5  Three targets, one of which fails twice'), (page) => threeTargets(stage, page)),
    // The last one: the clock leaves this machine's far behind, and Pebble dates by the machine's.
    () => told(story.page('6  Time passes, and the website is renewed'), (page) => renewal(stage, page)),
    () => told(story.page('All in all'), (page) => sumUp(stage, page)),
  ];
  for (const scene of scenes) {
    if (story.claims.failures.length > 0)
      return story.tell('\nThe scenes that follow build on this one; they are not played.');
    await scene();
  }
}

/** Three scenes of different certificates, side by side, as they would be in an account. */
async function playTroubles(stage: Stage, story: Story): Promise<void> {
  const pages = {
    doubled: story.page('2  Two renewals of one certificate at once'),
    killed: story.page('3  A run is killed in the middle of its finalize'),
    lost: story.page('4  An answer is lost, and then comes 403 orderNotReady'),
  };
  await stage.deploy(CERTIFICATE_NAMES);
  // Its own scene comes after these.
  await stage.start('files');
  const doubled = told(pages.doubled, (page) => doubledRenewal(stage, page));
  const lost = told(pages.lost, (page) => lostAnswer(stage, page));
  const others = Promise.allSettled([doubled, lost]);
  await Promise.all([doubled, lost, told(pages.killed, (page) => killedRun(stage, page, others))]);
}

async function told(page: Page, scene: (page: Page) => Promise<void>): Promise<void> {
  try {
    await scene(page);
  } finally {
    page.end();
  }
}
