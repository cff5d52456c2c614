import { setTimeout as delay } from 'node:timers/promises';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { RoleRow, SlotRow, TargetRow } from '../../../lambdas/core/rows.ts';
import { listTargets, readRole } from '../../../lambdas/store/certificates.ts';
import { claimRow, executionNameOf } from '../../../lambdas/store/claim.ts';
import { parseSlot } from '../../../lambdas/store/parse.ts';
import { type Item, queryItems, type Table } from '../../../lambdas/store/table.ts';
import { tableOf } from '../../../local/deployed/certificates.ts';
import { type EndedExecution, ExecutionWatch, type Machine, machinesIn } from '../../../local/deployed/executions.ts';
import type { MiniStack } from '../../../local/deployed/ministack.ts';

const STATE = 'pk sk hash declaration retired version startSeq doneSeq target desired pushed proven remoteId'.split(
  ' ',
);
const LOOK_MS = 250;
const DEADLINE_MS = 120_000;

/** A deployed stack: its rows, its executions, and what a person can start in it. */
export class DeployedStack {
  readonly outputs: Readonly<Record<string, string>>;
  readonly table: Table;
  readonly sfn: SFNClient;
  readonly machines: Readonly<Record<Machine, string>>;
  readonly watch: ExecutionWatch;

  constructor(ministack: MiniStack, outputs: Readonly<Record<string, string>>) {
    this.outputs = outputs;
    this.table = tableOf(ministack.client, outputs.TableName ?? '');
    this.sfn = new SFNClient(ministack.client);
    this.machines = machinesIn(outputs);
    this.watch = new ExecutionWatch(this.sfn, this.machines);
  }

  /** @throws Error where the certificate has no role */
  async role(name: string): Promise<RoleRow> {
    const role = await readRole(this.table, name);
    if (role === undefined) throw new Error(`${name} has no role in ${this.table.name}`);
    return role;
  }

  targets(name: string): Promise<readonly TargetRow[]> {
    return listTargets(this.table, name);
  }

  /** SHA-256 of all versions of a certificate. */
  async versions(name: string): Promise<readonly string[]> {
    const rows = await queryItems(this.table, `CERT#${name}`, 'VERSION#');
    return rows.map(({ sha256 }) => String(sha256));
  }

  async rows(): Promise<readonly Item[]> {
    const { Items = [] } = await this.table.client.send(
      new ScanCommand({ TableName: this.table.name, ConsistentRead: true }),
    );
    return Items;
  }

  /** What certificates are and what serves them, without what the CA's renewal information moves meanwhile. */
  async state(): Promise<readonly Item[]> {
    const rows = (await this.rows()).filter(({ sk }) => /^(CERT$|ROLE#|TARGET#|VERSION#)/.test(String(sk)));
    const states = rows.map((row) => Object.fromEntries(STATE.map((field) => [field, row[field]])));
    return states.sort((a, b) => (`${a.pk} ${a.sk}` < `${b.pk} ${b.sk}` ? -1 : 1));
  }

  async slots(): Promise<readonly SlotRow[]> {
    return (await this.rows()).filter(({ sk }) => sk === 'SLOT').map(parseSlot);
  }

  /** Starts a sweep, as the schedule does. @returns its ARN */
  async sweep(): Promise<string> {
    const command = new StartExecutionCommand({ stateMachineArn: this.machines.sweep, input: '{}' });
    return (await this.sfn.send(command)).executionArn ?? '';
  }

  /** Has a certificate renewed though it is not due: a forced claim, then its run. @returns the run's ARN */
  async renew(name: string): Promise<string> {
    const terms = { now: Date.now(), random: Math.random, forced: true };
    const claim = await claimRow(this.table, await this.role(name), terms);
    if (claim === undefined) throw new Error(`${name} is being renewed already`);
    const { key, startSeq } = claim;
    const command = new StartExecutionCommand({
      stateMachineArn: this.machines.renewal,
      name: executionNameOf(key, startSeq),
      input: JSON.stringify({ schema: 1, ...key, startSeq }),
    });
    return (await this.sfn.send(command)).executionArn ?? '';
  }

  /** Looks until `seen` gives something. @throws Error with `what` when it does not in two minutes */
  async until<Found>(what: string, seen: () => Promise<Found | undefined | false>): Promise<Found> {
    const giveUpAt = Date.now() + DEADLINE_MS;
    for (;;) {
      const found = await seen();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > giveUpAt) throw new Error(`not within ${DEADLINE_MS / 1000} s: ${what}`);
      await delay(LOOK_MS);
    }
  }

  /** Until each certificate's current version is proven at all its targets and nothing runs. */
  async proven(...names: readonly string[]): Promise<void> {
    await this.until(`${names.join(', ')} proven`, async () => {
      await this.watch.look();
      if (this.watch.running > 0) return false;
      return (await Promise.all(names.map((name) => this.#isProven(name)))).every(Boolean);
    });
  }

  async #isProven(name: string): Promise<boolean> {
    const role = await readRole(this.table, name);
    const targets = (await this.targets(name)).filter(({ retired }) => retired !== true);
    return role?.version !== undefined && targets.every(({ proven }) => proven === role.version);
  }

  /** Executions that have ended, but sweeps. */
  async runs(): Promise<readonly EndedExecution[]> {
    await this.watch.look();
    return this.watch.ended.filter(({ machine }) => machine !== 'sweep');
  }
}
