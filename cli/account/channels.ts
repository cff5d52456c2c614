import { z } from 'zod';

const CHANNELS = z.record(z.string(), z.object({ queueArn: z.string(), deadLettersUrl: z.string() }));

/** Where each channel of the alerts has its messages, and those that it has not taken; by name. */
export type Channels = z.infer<typeof CHANNELS>;

/** Reads the stack's output about its channels. */
export function channelsIn(output: string): Channels {
  return CHANNELS.parse(JSON.parse(output));
}
