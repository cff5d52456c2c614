import { LETSENCRYPT_LIMITS } from '../../infra/config/limit-presets.ts';
import type { CaLimits } from '../../lambdas/core/rate-limits.ts';
import { BOULDER_HABITS } from '../../local/ca/habits.ts';
import type { Issuance } from '../../local/ca/journal.ts';
import { LETS_ENCRYPT_LIMITS } from '../../local/ca/rate-limits.ts';
import type { Invocation } from '../../local/embedded/calls.ts';
import { currentInvocation } from '../../local/embedded/calls.ts';
import { sendTo } from '../support/local-ca-send.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, START, startVirtualAccount } from '../support/virtual-account.ts';
import { declareFleet, fleetOf, zonesOf } from './fleet.ts';

/** Between two sweeps: the longest `checkInterval` there is. */
const CHECK_MS = 6 * HOUR;

/** Lambdas of an account that may run at once. */
const SANDBOXES = 1000;

/** What a year is lived by. */
export type YearOptions = {
  readonly certificates: number;
  readonly days: number;
  /** Certificates under each of the large registered domains. */
  readonly large?: number;
  /** What the CA counts differently from Let's Encrypt, to be reached by a small fleet. */
  readonly tighter?: Pick<CaLimits, 'newOrdersPerAccount' | 'certificatesPerDomain'>;
  /** Nothing is known here of the CA's limits: what would happen without the estimate. */
  readonly unaware?: boolean;
  /** After every day. */
  readonly onDay?: (day: number, figures: YearFigures) => void;
};

/** What the CA's journal says at the end. */
export type YearFigures = {
  readonly certificates: number;
  readonly issued: number;
  readonly renewals: number;
  /** Requests that the CA refused for a limit. */
  readonly refused: number;
  /** The smallest share of its lifetime that a certificate had left when it was renewed. */
  readonly leastShare: number;
  /** Certificates whose names are not covered at this moment. */
  readonly uncovered: number;
  /** When the last certificate had its first issuance, days after the start. */
  readonly onboardedAfterDays: number;
};

/**
 * Onboards a fleet on the first day and lives with it in virtual time, against the local CA with every limit of Let's Encrypt
 * enforced, and without ARI, whose renewals would be free of them.
 */
export async function liveYear(options: YearOptions): Promise<YearFigures> {
  const { certificates, days, large, tighter, unaware, onDay } = options;
  const members = fleetOf(certificates, large);
  const account = await startVirtualAccount(
    { inProcess: {}, zones: zonesOf(members), send: sendTo(() => account.ca, addressOfSandbox()) },
    { limits: { ...LETS_ENCRYPT_LIMITS, ...tighter }, habits: BOULDER_HABITS, renewalInfo: false },
  );
  const books = new Books(certificates);
  try {
    const known = unaware === true ? undefined : { ...LETSENCRYPT_LIMITS, ...tighter };
    await account.deploy(declareFleet(account, members, known));
    for (let day = 1; day <= days; day += 1) {
      await liveDay(account, START + day * DAY);
      books.take(account);
      onDay?.(day, books.figures(account.virtual.clock.now()));
    }
    return books.figures(account.virtual.clock.now());
  } finally {
    await account.close();
  }
}

/** Every Lambda that runs has an address of its own, out of those that an account's thousand have. */
function addressOfSandbox(): () => string {
  const addresses = new WeakMap<Invocation, string>();
  let sandboxes = 0;
  return () => {
    const invocation = currentInvocation();
    if (invocation === undefined) return '127.0.0.1';
    const known = addresses.get(invocation);
    if (known !== undefined) return known;
    sandboxes = (sandboxes + 1) % SANDBOXES;
    const address = `10.0.${Math.floor(sandboxes / 250)}.${sandboxes % 250}`;
    addresses.set(invocation, address);
    return address;
  };
}

async function liveDay(account: VirtualAccount, end: number): Promise<void> {
  const { clock } = account.virtual;
  while (clock.now() < end) {
    const next = Math.min(end, clock.now() - ((clock.now() - START) % CHECK_MS) + CHECK_MS);
    await account.sweep();
    await account.virtual.advance(Math.max(0, next - clock.now()));
  }
}

/** What is kept of the journals, which would grow for a year. */
class Books {
  readonly #certificates: number;
  readonly #latest = new Map<string, Issuance>();
  #issued = 0;
  #renewals = 0;
  #refused = 0;
  #leastShare = 1;
  #onboardedAt = START;

  constructor(certificates: number) {
    this.#certificates = certificates;
  }

  take({ ca, calls, interpreter }: VirtualAccount): void {
    for (const issuance of ca.journal.issued) this.#count(issuance);
    this.#refused += ca.journal.limited.length;
    ca.journal.clear();
    calls.made.length = 0;
    interpreter.forgetEnded();
  }

  #count(issuance: Issuance): void {
    const names = issuance.names.join(' ');
    const before = this.#latest.get(names);
    this.#issued += 1;
    if (before === undefined) this.#onboardedAt = issuance.at;
    else {
      this.#renewals += 1;
      const share = (before.notAfter - issuance.at) / (before.notAfter - before.notBefore);
      this.#leastShare = Math.min(this.#leastShare, share);
    }
    this.#latest.set(names, issuance);
  }

  figures(now: number): YearFigures {
    const covered = [...this.#latest.values()].filter(({ notAfter }) => notAfter > now).length;
    return {
      certificates: this.#certificates,
      issued: this.#issued,
      renewals: this.#renewals,
      refused: this.#refused,
      leastShare: this.#leastShare,
      uncovered: this.#certificates - covered,
      onboardedAfterDays: (this.#onboardedAt - START) / DAY,
    };
  }
}
