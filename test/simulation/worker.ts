import { runSeed } from './run-seed.ts';

/* One process of `npm run simulate`: plays the seeds it is sent and answers what each came to. */

process.on('message', async (seed: number) => {
  const { violations, issued, calls } = await runSeed(seed);
  process.send?.({ seed, violations, issued, calls });
});
