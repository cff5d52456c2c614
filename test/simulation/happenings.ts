import { MINUTE } from '../support/virtual-account.ts';
import type { Chance } from './chance.ts';
import type { Deployments } from './deployments.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** The check interval. */
const QUARTER_MS = 15 * MINUTE;

type Happening = { readonly at: number; readonly act: () => void };

/** Sweeps every quarter of an hour, and what the scenario lets happen in between, each at a drawn moment. */
export class Happenings {
  readonly #world: World;
  readonly #scenario: Scenario;
  readonly #deployments: Deployments;
  readonly #chance: Chance;
  #sweeps = 0;

  constructor(world: World, scenario: Scenario, deployments: Deployments, chance: Chance) {
    this.#world = world;
    this.#scenario = scenario;
    this.#deployments = deployments;
    this.#chance = chance;
  }

  /** One quarter of an hour. */
  async quarter(): Promise<void> {
    const { time } = this.#world;
    const start = time.clock.now();
    const drawn = [...this.#sweepTimes(), ...this.#mishaps()].sort((one, other) => one.at - other.at);
    for (const { at, act } of drawn) {
      await time.advance(Math.max(0, start + at - time.clock.now()));
      act();
    }
    await time.advance(Math.max(0, start + QUARTER_MS - time.clock.now()));
  }

  sweep(): void {
    this.#sweeps += 1;
    this.#world.account.interpreter.start('sweep', `sweep-${this.#sweeps}`, {});
  }

  /** The schedule fires once, twice or not at all. */
  #sweepTimes(): readonly Happening[] {
    const times = this.#chance.among([0, 1, 1, 1, 1, 1, 2]);
    return Array.from({ length: times }, (_, at) => ({
      at: at * this.#chance.among([0, 1, 3_000]),
      act: () => this.sweep(),
    }));
  }

  #mishaps(): readonly Happening[] {
    const chance = this.#chance;
    const { stopped, doubled, deployed } = this.#scenario;
    const mishaps = [
      { probability: stopped, act: () => this.#stopOne() },
      { probability: stopped, act: () => this.#redriveOne() },
      { probability: doubled / 2, act: () => this.#repeatOne() },
      { probability: deployed, act: () => this.#deployments.change(chance) },
    ];
    return mishaps
      .filter(({ probability }) => chance.happens(probability))
      .map(({ act }) => ({ at: chance.among([chance.between(0, 8_000), chance.between(0, QUARTER_MS)]), act }));
  }

  /** StopExecution by hand: what its Lambda does goes on until that ends. */
  #stopOne(): void {
    const { interpreter } = this.#world.account;
    const running = interpreter.executions.filter(({ status }) => status === 'RUNNING');
    if (running.length > 0) interpreter.abort(this.#chance.among(running).arn);
  }

  /** RedriveExecution of one that was stopped, whoever works on its rows by now. */
  #redriveOne(): void {
    const { interpreter } = this.#world.account;
    const stopped = interpreter.executions.filter(({ status }) => status === 'ABORTED');
    if (stopped.length > 0) interpreter.redrive(this.#chance.among(stopped).arn);
  }

  /** A state that was entered before is entered again with its old input, as by a late retry. */
  #repeatOne(): void {
    const { invoked } = this.#world;
    if (invoked.length > 0) void this.#chance.among(invoked).again();
  }
}
