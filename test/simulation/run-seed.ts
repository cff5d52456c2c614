import { readRole } from '../../lambdas/store/certificates.ts';
import { nextDueAt } from '../support/next-due.ts';
import { DAY, HOUR, MINUTE } from '../support/virtual-account.ts';
import { Chance } from './chance.ts';
import { Deployments } from './deployments.ts';
import { checkEnding } from './ending.ts';
import { Happenings } from './happenings.ts';
import { drawScenario, type Scenario } from './scenario.ts';
import { seedKeys } from './seeded-crypto.ts';
import { Trace } from './trace.ts';
import { startWorld, type World } from './world.ts';

/** What a seed came to. */
export type SeedResult = {
  readonly seed: number;
  readonly violations: readonly string[];
  /** SHA-256 of everything that happened. */
  readonly digest: string;
  readonly trace: readonly string[];
  readonly issued: number;
  readonly calls: number;
};

/** Sweeps after the faults have stopped; a loop without a wait would go on for ever. */
const MOST_SWEEPS = 80;
/** Nothing may be due within this at the end; only renewals and re-proofs come later. */
const HORIZON_MS = 2 * DAY;

/** The SDK reads its configuration files at its first calls, which takes real time: that must be over before anything counts. */
let warm: Promise<unknown> | undefined;
const WARM_UP_SEED = 0;

/** Plays one seed in this process. Seeds share the process's cryptography and `Math.random`: one at a time. */
export async function runSeed(seed: number): Promise<SeedResult> {
  warm ??= playSeed(WARM_UP_SEED);
  await warm;
  return playSeed(seed);
}

async function playSeed(seed: number): Promise<SeedResult> {
  const chance = new Chance(seed);
  const trace = new Trace();
  const { random } = Math;
  // The interpreter draws the jitter of retries from it.
  Math.random = chance.next;
  seedKeys(String(seed));
  const scenario = drawScenario(chance);
  const world = await startWorld(scenario, chance, trace);
  try {
    await play(world, scenario, chance).catch((error: unknown) =>
      world.watch.violated(`the run ended: ${String(error)}`),
    );
    const issued = world.ca.journal.issued.length;
    trace.add(JSON.stringify(world.ca.journal.issued));
    const { violations } = world.watch;
    return {
      seed,
      violations,
      digest: trace.digest(),
      trace: trace.lines,
      issued,
      calls: world.account.calls.made.length,
    };
  } finally {
    Math.random = random;
    await world.close();
  }
}

async function play(world: World, scenario: Scenario, chance: Chance): Promise<void> {
  const deployments = new Deployments(world, scenario);
  const happenings = new Happenings(world, scenario, deployments, chance);
  for (const [phase, quarters] of scenario.quarters.entries()) {
    if (phase > 0) await toRenewal(world, deployments);
    world.trouble(true);
    if (phase === 0) deployments.deploy();
    for (let quarter = 0; quarter < quarters; quarter += 1) await happenings.quarter();
    world.trouble(false);
    deployments.restore();
    await settle(world, happenings, deployments);
  }
  await checkEnding(world, scenario, deployments);
}

/** Faults are over: sweeps come whenever something is due, until nothing is. */
async function settle({ account, time }: World, happenings: Happenings, deployments: Deployments): Promise<void> {
  const isQuiet = (): boolean =>
    deployments.pending === 0 && account.interpreter.executions.every(({ status }) => status !== 'RUNNING');
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep += 1) {
    if (!isQuiet()) await time.runUntil(isQuiet, 4 * HOUR);
    const wait = (await nextDueAt(account.ports.base.table)) - time.clock.now();
    if (wait > HORIZON_MS) return;
    await time.advance(Math.max(0, wait) + 1);
    happenings.sweep();
  }
  throw new Error(`something was due again and again, ${MOST_SWEEPS} times`);
}

/** To the moment at which the first certificate is due to be renewed; the others follow within hours. */
async function toRenewal(world: World, deployments: Deployments): Promise<void> {
  const { account, time } = world;
  const roles = await Promise.all(deployments.declared().map(({ name }) => readRole(account.ports.base.table, name)));
  const first = Math.min(...roles.map((role) => role?.dueAt ?? Number.POSITIVE_INFINITY));
  deployments.askAgain();
  await time.advance(Math.max(0, first - time.clock.now()) + MINUTE);
}
