import type { World, WorldOptions } from './world.ts';

/** Something that happens, and who is told what of it. */
export type Situation = {
  readonly name: string;
  /** Plays it, from a certificate that was issued six hours ago unless `play` begins otherwise. */
  readonly play: (world: World) => Promise<void>;
  /** Nothing was declared yet. */
  readonly fromNothing?: true;
  readonly world?: WorldOptions;
  /** Subjects of messages, and alarms, in their order. */
  readonly told: readonly string[];
};
