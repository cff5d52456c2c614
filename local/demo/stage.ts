import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import type { RoleRow, SlotRow, TargetRow, VersionRow } from '../../lambdas/core/rows.ts';
import { slotKey } from '../../lambdas/core/rows.ts';
import { TIMEOUTS } from '../../lambdas/core/timeouts.ts';
import { type StartOutcome, startRun } from '../../lambdas/steps/start-run.ts';
import { syncInventory } from '../../lambdas/steps/sync-inventory.ts';
import { listTargets, listVersions, readRole } from '../../lambdas/store/certificates.ts';
import { readSlot } from '../../lambdas/store/slots.ts';
import type { EmbeddedAccount } from '../embedded/account.ts';
import { type ExecutionRecord, transitionsOf } from '../embedded/execution.ts';
import type { Authority, AuthorityName } from './authority.ts';
import type { CertificateName } from './config.ts';
import type { Follower } from './follower.ts';
import { type Seen, shakeHands } from './handshake.ts';
import type { Network } from './network.ts';
import type { Page } from './story.ts';

/** How time passes for the scenes. */
export type StageTime = {
  /** Moves the account's clock; what waits goes on waiting. */
  jump(ms: number): Promise<void>;
  /** Resolves once it holds. @throws Error naming `what` when that takes longer than any scene does */
  until(done: () => boolean, what: string): Promise<void>;
};

export type StageParts = {
  readonly account: EmbeddedAccount;
  readonly ca: Pick<Authority, 'directoryUrl' | 'issuerRootsPem' | 'version'>;
  readonly network: Network;
  readonly follower: Follower;
  readonly time: StageTime;
  readonly declarations: readonly CertificateDeclaration[];
};

/** A stage with what it stands on, which must be stopped. */
export type StartedStage = { readonly stage: Stage; stop(): Promise<void> };

export type StartStage = (ca: AuthorityName) => Promise<StartedStage>;

/** Where scenes are played: an account with the stack in it, a CA, and the questions that scenes ask. */
export class Stage {
  readonly parts: StageParts;
  #sweeps = 0;
  #deployed: readonly CertificateName[] = [];

  constructor(parts: StageParts) {
    this.parts = parts;
  }

  get tally(): Network['tally'] {
    return this.parts.network.tally;
  }

  /** Certificates of the last deployment. */
  get deployed(): readonly CertificateName[] {
    return this.#deployed;
  }

  now(): number {
    return this.parts.account.time.clock.now();
  }

  /** What a deployment with these certificates in its configuration does. */
  async deploy(names: readonly CertificateName[]): Promise<void> {
    const declarations = names.map((name) => this.declaration(name));
    await syncInventory(declarations, { table: this.#table(), clock: this.parts.account.time.clock });
    this.#deployed = names;
  }

  /** Starts a run of a certificate by the one function that sweep and people start runs by. */
  async start(name: CertificateName, forced = false): Promise<StartOutcome> {
    const deadline = this.now() + TIMEOUTS.lambda * 1000;
    return startRun({ ...this.parts.account.ports.base, deadline }, await this.role(name), forced);
  }

  /** One sweep, until it has started what is due. */
  async sweep(page: Page): Promise<void> {
    this.#sweeps += 1;
    const { interpreter } = this.parts.account;
    const arn = interpreter.start('sweep', `scheduled-${this.#sweeps}`, {});
    this.parts.follower.followExecution(arn, page);
    await this.parts.time.until(() => interpreter.describe(arn).status !== 'RUNNING', 'the end of the sweep');
  }

  /** Until nothing of these certificates runs; without any, until nothing runs at all. */
  async quiet(...names: readonly CertificateName[]): Promise<void> {
    const isOurs = (run: ExecutionRecord) => names.length === 0 || names.some((name) => isOf(run, name));
    const done = () => this.runs().every((run) => run.status !== 'RUNNING' || !isOurs(run));
    await this.parts.time.until(done, `the end of all runs of ${names.join(', ') || 'the account'}`);
  }

  runs(): readonly ExecutionRecord[] {
    return this.parts.account.interpreter.executions;
  }

  /** Renewal runs of a certificate, in the order of their start. */
  renewals(name: CertificateName): readonly ExecutionRecord[] {
    return this.runs().filter((run) => run.machine === 'renewal' && isOf(run, name));
  }

  /** Transitions of the longest run of a machine. */
  longest(machine: ExecutionRecord['machine']): number {
    return Math.max(
      0,
      ...this.runs()
        .filter((run) => run.machine === machine)
        .map(transitionsOf),
    );
  }

  declaration(name: CertificateName): CertificateDeclaration {
    return found(
      this.parts.declarations.find((one) => one.name === name),
      `declaration of ${name}`,
    );
  }

  async role(name: CertificateName): Promise<RoleRow> {
    return found(await readRole(this.#table(), name), `role of ${name}`);
  }

  targets(name: CertificateName): Promise<readonly TargetRow[]> {
    return listTargets(this.#table(), name);
  }

  /** The first target, which is its ACM. */
  async target(name: CertificateName): Promise<TargetRow> {
    const [target] = await this.targets(name);
    return found(target, `target of ${name}`);
  }

  versions(name: CertificateName): Promise<readonly VersionRow[]> {
    return listVersions(this.#table(), name);
  }

  async slot(name: CertificateName): Promise<SlotRow> {
    const { directoryUrl } = this.parts.ca;
    return found(
      await readSlot(this.#table(), slotKey(directoryUrl, this.declaration(name).domains)),
      `slot of ${name}`,
    );
  }

  /** What the edge serves for each name of a certificate; a wildcard is asked for by a name that it stands for. */
  served(name: CertificateName): Promise<readonly Seen[]> {
    const { account, ca } = this.parts;
    const names = this.declaration(name).domains.map((domain) => domain.replace('*', 'any'));
    return Promise.all(names.map((servername) => shakeHands(account.edge.port, servername, ca.issuerRootsPem)));
  }

  /** TXT values that are published. */
  challenges(): readonly string[] {
    const sets = this.parts.account.route53.zones.flatMap((zone) => [...zone.sets.values()]);
    return sets.filter(({ type }) => type === 'TXT').flatMap(({ values }) => values);
  }

  #table() {
    return this.parts.account.ports.base.table;
  }
}

function isOf({ input }: ExecutionRecord, name: CertificateName): boolean {
  const { pk }: { readonly pk?: string } = JSON.parse(input);
  return pk === `CERT#${name}`;
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}
