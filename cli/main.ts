import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { endWhereUnread } from './end-unread.ts';
import { perennial } from './perennial.ts';

const { stdout, stderr, env } = process;
const clock = { now: () => Date.now(), sleep: (ms: number) => pause(ms) };

endWhereUnread([stdout, stderr]);
process.exitCode = await perennial(process.argv.slice(2), {
  stdout,
  stderr,
  env,
  parts: { clock, random: Math.random, newId: () => randomUUID() },
});
