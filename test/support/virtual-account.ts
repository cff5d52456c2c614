import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import { DEFAULT_RETRY } from '../../lambdas/core/retry-policy.ts';
import type { RoleRow, SlotRow, TargetRow } from '../../lambdas/core/rows.ts';
import { slotKey } from '../../lambdas/core/rows.ts';
import { watchListOf } from '../../lambdas/core/watch-list.ts';
import { syncInventory } from '../../lambdas/steps/sync-inventory.ts';
import { listTargets, listVersions, readRole } from '../../lambdas/store/certificates.ts';
import { readSlot } from '../../lambdas/store/slots.ts';
import type { Ca } from '../../local/ca/ca.ts';
import { startCa } from '../../local/ca/ca.ts';
import type { CaOptions } from '../../local/ca/options.ts';
import type { EmbeddedAccount, EmbeddedOptions } from '../../local/embedded/account.ts';
import { EMPTY_CONFIG, startAccount } from '../../local/embedded/account.ts';
import type { Definitions } from '../../local/embedded/definitions.ts';
import { synthesiseDefinitions } from '../../local/embedded/definitions.ts';
import { VirtualTime } from '../../local/embedded/virtual-time.ts';
import { sendTo } from './local-ca-send.ts';
import { checkedLogs } from './log-check.ts';
import { nextDueAt } from './next-due.ts';
import { seededRandom } from './seeded-random.ts';

export const START = Date.UTC(2027, 0, 1);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** An embedded account in virtual time with a CA in the same process. */
export type VirtualAccount = EmbeddedAccount & {
  readonly virtual: VirtualTime;
  readonly ca: Ca;
  /** A declaration with this CA; its target is probed at the edge. */
  declaration(
    name: string,
    domains: readonly string[],
    changes?: Partial<CertificateDeclaration>,
  ): CertificateDeclaration;
  /** What a deployment does: these certificates and no others, however many are retired by that. */
  deploy(declarations: readonly CertificateDeclaration[]): Promise<void>;
  /** One sweep, and everything that follows from it. */
  sweep(): Promise<void>;
  /** Sweeps for so long, every 15 minutes unless told otherwise. */
  live(ms: number, everyMs?: number): Promise<void>;
  /** Sweeps whenever something is due, until nothing is within `horizonMs`. */
  settleDown(horizonMs: number): Promise<void>;
  role(name: string): Promise<RoleRow>;
  targets(name: string): Promise<readonly TargetRow[]>;
  slot(domains: readonly string[]): Promise<SlotRow | undefined>;
  versions(name: string): Promise<readonly string[]>;
  /** TXT values that are published. */
  txtValues(): readonly string[];
  close(): Promise<void>;
};

/** More than any path needs; a loop without a wait would go on for ever. */
const MOST_SWEEPS = 60;

/** `VIRTUAL_ACCOUNT=sockets` puts dynalite, DNS and TLS back on loopback sockets: the same suites, slower. */
const SOCKETS = process.env.VIRTUAL_ACCOUNT === 'sockets';

let definitions: Definitions | undefined;

/** The synthesised stack, once a test file. */
export function stackDefinitions(): Definitions {
  definitions ??= synthesiseDefinitions(EMPTY_CONFIG);
  return definitions;
}

/**
 * Starts an account and a CA. Every suite closes what it starts. The CA suggests no renewal windows unless `renewalInfo` is
 * set, so that a renewal comes when the default rule says.
 */
export async function startVirtualAccount(
  options: Partial<EmbeddedOptions> = {},
  caOptions: CaOptions = {},
): Promise<VirtualAccount> {
  const virtual = new VirtualTime(START);
  const random = seededRandom(1);
  const account = await startAccount({
    definitions: stackDefinitions(),
    time: virtual,
    zones: ['example.test'],
    insyncAfterMs: 3_000,
    random,
    send: sendTo(() => ca),
    fetchList: async (url) => (await ca.revocationList(url)) ?? missingList(url),
    ...(SOCKETS ? {} : { inProcess: {} }),
    ...options,
    ...checkedLogs(options),
  });
  const ca = await startCa({
    port: false,
    now: () => virtual.clock.now(),
    random,
    sleep: (ms) => virtual.clock.sleep(ms),
    resolver: account.caResolver,
    renewalInfo: false,
    ...caOptions,
  });
  return { ...account, ...helpers(account, virtual, ca), virtual, ca };
}

function helpers(
  account: EmbeddedAccount,
  virtual: VirtualTime,
  ca: Ca,
): Omit<VirtualAccount, keyof EmbeddedAccount | 'virtual' | 'ca'> {
  const { table } = account.ports.base;
  let sweeps = 0;
  const quiet = (): boolean => account.interpreter.running === 0;
  const sweep = async (): Promise<void> => {
    sweeps += 1;
    account.interpreter.start('sweep', `sweep-${sweeps}`, {});
    await virtual.runUntil(quiet, 3 * HOUR);
  };
  return {
    sweep,
    live: async (ms, everyMs = 15 * MINUTE) => {
      const end = virtual.clock.now() + ms;
      while (virtual.clock.now() < end) {
        await sweep();
        await virtual.advance(everyMs);
      }
    },
    settleDown: async (horizonMs) => {
      for (let round = 0; round < MOST_SWEEPS; round += 1) {
        const wait = (await nextDueAt(table)) - virtual.clock.now();
        if (wait > horizonMs) return;
        await virtual.advance(Math.max(0, wait) + 1);
        await sweep();
      }
      throw new Error(`something was due again and again, ${MOST_SWEEPS} times`);
    },
    declaration: (name, domains, changes = {}) => declare(account, ca, name, domains, changes),
    deploy: async (declarations) => {
      account.setWatchList(watchListOf(declarations));
      await syncInventory(declarations, { table, clock: virtual.clock }, { allowRetire: true });
    },
    role: async (name) => (await readRole(table, name)) ?? missing(name),
    targets: (name) => listTargets(table, name),
    slot: (domains) => readSlot(table, slotKey(ca.directoryUrl, domains)),
    versions: async (name) => (await listVersions(table, name)).map(({ sha256 }) => sha256),
    txtValues: () =>
      account.route53.zones.flatMap((zone) =>
        [...zone.sets.values()].filter(({ type }) => type === 'TXT').flatMap(({ values }) => values),
      ),
    close: async () => {
      await account.stop();
      await ca.stop();
      virtual.dispose();
    },
  };
}

function declare(
  account: EmbeddedAccount,
  ca: Ca,
  name: string,
  domains: readonly string[],
  changes: Partial<CertificateDeclaration>,
): CertificateDeclaration {
  const servername = (domains[0] ?? '').replace('*', 'any');
  return {
    name,
    domains: [...domains].sort(),
    keyType: 'ecdsa-p256',
    cas: [
      {
        name: 'local',
        directoryUrl: ca.directoryUrl,
        environment: 'production',
        accountLabel: 'default',
        contact: [],
        issuerRootsPem: ca.issuerRootsPem,
      },
    ],
    targets: [{ id: 'acm', kind: 'acm', probe: { host: '127.0.0.1', port: account.edge.port, servername } }],
    renewal: {},
    retry: DEFAULT_RETRY,
    ...changes,
  };
}

function missing(name: string): never {
  throw new Error(`there is no role of ${name}`);
}

function missingList(url: string): never {
  throw new Error(`there is no revocation list at ${url}`);
}
