import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import type { SeedResult } from './run-seed.ts';

/*
 * npm run simulate -- --seeds 10000 [--from 1] [--jobs 2]   many seeds, with a bar
 * npm run simulate -- --seed 123 [--trace]                  one seed again, with its violations and, if asked, its trace
 *
 * Ends with 1 where a seed violated an oracle.
 */

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

type Found = Pick<SeedResult, 'seed' | 'violations' | 'issued' | 'calls'>;

async function one(seed: number): Promise<void> {
  const { runSeed } = await import('./run-seed.ts');
  const { violations, digest, trace, issued, calls } = await runSeed(seed);
  if (values.trace) for (const line of trace) console.log(line);
  for (const violation of violations) console.log(violation);
  console.log(`seed ${seed}: ${calls} calls, ${issued} certificates, ${violations.length} violations, trace ${digest}`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}

async function many(from: number, count: number, jobs: number): Promise<void> {
  const began = Date.now();
  const bar = new SingleBar({
    format: '{bar} {value}/{total} seeds, {violated} with violations, {eta_formatted} left',
    noTTYOutput: true,
    notTTYSchedule: 20_000,
  });
  bar.start(count, 0, { violated: 0 });
  const sums = { issued: 0, calls: 0, seeds: 0, violated: 0 };
  const seeds = Array.from({ length: count }, (_, at) => from + at)[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: jobs }, () =>
      inChild(seeds, (found) => {
        if (found.violations.length > 0) {
          sums.violated += 1;
          console.log(toldOf(found));
        }
        sums.issued += found.issued;
        sums.calls += found.calls;
        sums.seeds += 1;
        bar.increment({ violated: sums.violated });
      }),
    ),
  );
  bar.stop();
  const minutes = (Date.now() - began) / 60_000;
  console.log(`${sums.calls} calls, ${sums.issued} certificates, ${(sums.seeds / minutes).toFixed(0)} seeds a minute`);
  console.log(`${sums.seeds} seeds, ${sums.violated} with violations`);
  process.exitCode = sums.violated > 0 || sums.seeds < count ? 1 : 0;
}

function toldOf({ seed, violations }: Found): string {
  return [`\nseed ${seed} (npm run simulate -- --seed ${seed}):`, ...violations].join('\n  ');
}

/** A process of its own for seeds one after the other: cryptography and `Math.random` are the process's. */
function inChild(seeds: Iterator<number>, done: (found: Found) => void): Promise<void> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const next = (): void => {
      const { value, done: over } = seeds.next();
      if (over === true) child.disconnect();
      else child.send(value);
    };
    child.on('message', (found: Found) => {
      done(found);
      next();
    });
    child.on('exit', (code) => {
      if (code !== 0) console.error(`a process ended with ${code}: its seed is not counted`);
      resolve();
    });
    next();
  });
}

if (values.seed !== undefined) await one(Number(values.seed));
else await many(Number(values.from), Number(values.seeds), Number(values.jobs ?? availableParallelism()));
