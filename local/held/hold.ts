import { resolveConfig } from '../../infra/config/resolve.ts';
import { watchListOf } from '../../lambdas/core/watch-list.ts';
import { syncInventory } from '../../lambdas/steps/sync-inventory.ts';
import { startAuthority } from '../demo/authority.ts';
import { EMPTY_CONFIG, type EmbeddedAccount, startAccount } from '../embedded/account.ts';
import { synthesiseDefinitions } from '../embedded/definitions.ts';
import { RealTime } from '../embedded/time.ts';
import { heldConfig, ZONE } from './config.ts';
import { type ServedAccount, serveAccount } from './serve.ts';

/** Between two sweeps. Milliseconds. */
const SWEEP_MS = 15_000;

/** Between two looks of the watch, and between two looks of CloudWatch at its alarms, as in AWS. Milliseconds. */
const WATCH_MS = 3_600_000;
const ALARMS_MS = 60_000;

/** Starts an account in real time with a CA, deploys some certificates into it, sweeps and watches, and serves it on loopback. */
export async function holdAccount(port: number): Promise<ServedAccount> {
  const time = new RealTime();
  const account = await startAccount({
    definitions: synthesiseDefinitions(EMPTY_CONFIG),
    time,
    zones: [ZONE],
    insyncAfterMs: 2_000,
  });
  const ca = await startAuthority('local', { resolver: account.dns.address, now: () => time.clock.now() });
  const { declarations } = resolveConfig(heldConfig({ ca, edgePort: account.edge.port }));
  account.setWatchList(watchListOf(declarations));
  await syncInventory(declarations, { table: account.ports.base.table, clock: time.clock });
  account.sns.subscribe(account.topicArn, 'email', 'operations@perennial.test', true);
  account.sns.subscribe(account.topicArn, 'email', 'night@perennial.test', false);
  const stopSweeps = sweepEvery(account, SWEEP_MS);
  await account.watch();
  const watching = setInterval(() => void account.watch(), WATCH_MS);
  const judging = setInterval(() => account.cloudWatch.evaluate(time.clock.now()), ALARMS_MS);
  const served = await serveAccount(account, port);
  const stop = async (): Promise<void> => {
    stopSweeps();
    clearInterval(watching);
    clearInterval(judging);
    await served.stop();
    await Promise.all([account.stop(), ca.stop()]);
  };
  return { ...served, stop };
}

function sweepEvery({ interpreter }: EmbeddedAccount, everyMs: number): () => void {
  let sweeps = 0;
  const sweep = (): void => {
    sweeps += 1;
    interpreter.start('sweep', `scheduled-${sweeps}`, {});
  };
  sweep();
  const timer = setInterval(sweep, everyMs);
  return () => clearInterval(timer);
}
