import { AWS_SITUATIONS } from './aws-situations.ts';
import { RENEWAL_SITUATIONS } from './renewal-situations.ts';
import type { Situation } from './situation.ts';
import { WATCH_SITUATIONS } from './watch-situations.ts';
import { type Told, World } from './world.ts';

/** All situations, in the order in which they are shown. */
export const SITUATIONS: readonly Situation[] = [...RENEWAL_SITUATIONS, ...AWS_SITUATIONS, ...WATCH_SITUATIONS];

/** What was told in a situation, with the hours since it began. */
export type Outcome = { readonly told: readonly (Told & { readonly hours: number })[]; readonly events: number };

/** Plays a situation in an account of its own. */
export async function playSituation({ play, fromNothing, world: options }: Situation): Promise<Outcome> {
  const world = await World.start(options);
  try {
    if (fromNothing === undefined) await world.issue();
    else world.forget();
    const before = world.account.events.events().length;
    await play(world);
    const events = world.account.events.events().length - before;
    return { told: world.told.map((each) => ({ ...each, hours: world.hoursAt(each) })), events };
  } finally {
    await world.account.close();
  }
}
