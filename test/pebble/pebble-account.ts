import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { HttpSend } from '../../lambdas/acme/http.ts';
import { createHttpsSend } from '../../lambdas/acme/http.ts';
import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import { DEFAULT_RETRY } from '../../lambdas/core/retry-policy.ts';
import type { RoleRow, TargetRow } from '../../lambdas/core/rows.ts';
import type { StartOutcome } from '../../lambdas/steps/start-run.ts';
import { startRun } from '../../lambdas/steps/start-run.ts';
import { syncInventory } from '../../lambdas/steps/sync-inventory.ts';
import { listTargets, readRole } from '../../lambdas/store/certificates.ts';
import type { EmbeddedAccount } from '../../local/embedded/account.ts';
import { startAccount } from '../../local/embedded/account.ts';
import type { ExecutionRecord } from '../../local/embedded/execution.ts';
import { RealTime } from '../../local/embedded/time.ts';
import type { VirtualTime } from '../../local/embedded/virtual-time.ts';
import type { Pebble, PebbleOptions } from '../../local/peers/pebble.ts';
import { startPebble } from '../../local/peers/pebble.ts';
import { checkedLogs } from '../support/log-check.ts';
import { stackDefinitions } from '../support/virtual-account.ts';
import type { RequestLog } from './request-log.ts';
import { logRequests } from './request-log.ts';

/** An embedded account in real time whose CA is Pebble. */
export type PebbleAccount = {
  readonly account: EmbeddedAccount;
  readonly pebble: Pebble;
  readonly time: RealTime;
  readonly log: RequestLog;
  /** What a deployment does: a certificate of one target each, named as the key says. */
  deploy(
    certificates: Readonly<Record<string, readonly string[]>>,
    changes?: Partial<CertificateDeclaration>,
  ): Promise<void>;
  /** One sweep and all that follows from it, to its end. */
  sweep(): Promise<void>;
  /** Starts one certificate's run now, without a sweep. */
  start(name: string, forced?: boolean): Promise<StartOutcome>;
  /** Until nothing runs any more. */
  quiet(): Promise<void>;
  renewals(): readonly ExecutionRecord[];
  role(name: string): Promise<RoleRow>;
  target(name: string): Promise<TargetRow>;
  /** SHA-256 of the leaf that a handshake for this name is answered with. */
  served(servername: string): Promise<string>;
  /** TXT values that are published. */
  txtValues(): readonly string[];
  close(): Promise<void>;
};

const QUIET_POLL_MS = 20;
const LONGEST_RUN_MS = 3 * 3_600_000;
const SWEEP_MARGIN_MS = 60_000;

/**
 * Starts both. Every suite closes what it starts. `through`: what stands between the steps and Pebble. `virtual`: the account's
 * waits take no time; it must begin at the real time, which is Pebble's.
 */
export async function startPebbleAccount(
  options: Omit<PebbleOptions, 'dnsServer'> = {},
  through: (send: HttpSend) => HttpSend = (send) => send,
  virtual?: VirtualTime,
): Promise<PebbleAccount> {
  const time = new RealTime();
  const https = createHttpsSend();
  const log = logRequests(https.send);
  const definitions = stackDefinitions();
  const account = await startAccount({
    definitions,
    time: virtual ?? time,
    zones: ['example.test'],
    send: through(log.send),
    insyncAfterMs: 0,
    ...checkedLogs(),
  });
  const pebble = await startPebble({ ...options, dnsServer: account.dns.address });
  const close = async (): Promise<void> => {
    https.close();
    await pebble.stop();
    await account.stop();
  };
  return { account, pebble, time, log, close, ...rows(account), ...runs(account, pebble, virtual) };
}

function runs(
  account: EmbeddedAccount,
  pebble: Pebble,
  virtual: VirtualTime | undefined,
): Pick<PebbleAccount, 'deploy' | 'sweep' | 'start' | 'quiet' | 'renewals'> {
  const { base } = account.ports;
  let sweeps = 0;
  const isQuiet = (): boolean => account.interpreter.executions.every(({ status }) => status !== 'RUNNING');
  const quiet = async (): Promise<void> => {
    if (virtual !== undefined) return virtual.runUntil(isQuiet, LONGEST_RUN_MS);
    while (!isQuiet()) await pause(QUIET_POLL_MS);
  };
  return {
    quiet,
    deploy: async (certificates, changes = {}) => {
      const declarations = Object.entries(certificates).map(([name, domains]) => ({
        ...declare(account, pebble, name, domains),
        ...changes,
      }));
      await syncInventory(declarations, { table: base.table, clock: account.time.clock });
    },
    sweep: async () => {
      sweeps += 1;
      account.interpreter.start('sweep', `sweep-${sweeps}`, {});
      await quiet();
    },
    start: async (name, forced = false) => {
      const role = await readRole(base.table, name);
      if (role === undefined) throw new Error(`there is no role of ${name}`);
      return startRun({ ...base, deadline: account.time.clock.now() + SWEEP_MARGIN_MS }, role, forced);
    },
    renewals: () => account.interpreter.executions.filter(({ machine }) => machine === 'renewal'),
  };
}

function rows(account: EmbeddedAccount): Pick<PebbleAccount, 'role' | 'target' | 'served' | 'txtValues'> {
  const { table } = account.ports.base;
  return {
    role: async (name) => {
      const role = await readRole(table, name);
      if (role === undefined) throw new Error(`there is no role of ${name}`);
      return role;
    },
    target: async (name) => {
      const [target] = await listTargets(table, name);
      if (target === undefined) throw new Error(`${name} has no target`);
      return target;
    },
    served: (servername) => servedAt(account.edge.port, servername),
    txtValues: () =>
      account.route53.zones.flatMap(({ sets }) =>
        [...sets.values()].filter(({ type }) => type === 'TXT').flatMap(({ values }) => values),
      ),
  };
}

function declare(
  account: EmbeddedAccount,
  pebble: Pebble,
  name: string,
  domains: readonly string[],
): CertificateDeclaration {
  const servername = (domains[0] ?? '').replace('*', 'any');
  return {
    name,
    domains: [...domains].sort(),
    keyType: 'ecdsa-p256',
    cas: [
      {
        name: 'pebble',
        directoryUrl: pebble.directoryUrl,
        environment: 'production',
        accountLabel: 'default',
        contact: [],
        profile: 'default',
        rootsPem: pebble.rootPem,
        issuerRootsPem: pebble.issuerRootsPem,
      },
    ],
    targets: [{ id: 'acm', kind: 'acm', probe: { host: '127.0.0.1', port: account.edge.port, servername } }],
    renewal: {},
    retry: DEFAULT_RETRY,
  };
}

/** A handshake of our own: what the steps believe to be served is not asked. */
async function servedAt(port: number, servername: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect');
    return createHash('sha256').update(socket.getPeerCertificate().raw).digest('hex');
  } finally {
    socket.destroy();
  }
}
