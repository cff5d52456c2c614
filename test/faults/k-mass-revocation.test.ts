import { afterEach, describe, expect, it } from 'vitest';
import { LETS_ENCRYPT_LIMITS } from '../../local/ca/rate-limits.ts';
import { suggest } from '../support/renewal-info.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const FLEET = 24;
const nameOf = (index: number): string => `site-${index}`;
const domainOf = (index: number): string => `${nameOf(index)}.example.test`;
const now = () => account.virtual.clock.now();

/** A fleet, every third of it with certificates of 45 days instead of 90. */
async function issueFleet(): Promise<void> {
  account = await startVirtualAccount({ inProcess: {} }, { renewalInfo: true, limits: LETS_ENCRYPT_LIMITS });
  const fleet = Array.from({ length: FLEET }, (_, index) => {
    const plain = account.declaration(nameOf(index), [domainOf(index)]);
    const [ca] = plain.cas;
    return index % 3 === 0 ? { ...plain, cas: [{ ...ca, profile: 'tlsserver' }] as const } : plain;
  });
  await account.deploy(fleet);
  await account.sweep();
  await account.live(HOUR, 30 * MINUTE);
  expect(account.ca.journal.issued).toHaveLength(FLEET);
}

/** Names of certificates in the order in which their renewals were started. */
function startedSince(at: number): readonly string[] {
  return account.interpreter.executions
    .filter(({ machine }) => machine === 'renewal')
    .slice(at)
    .map(({ input }) => /CERT#([\w-]+)/.exec(JSON.stringify(input))?.[1] ?? '');
}

describe('a mass revocation', () => {
  it('that moves every window into the past has the fleet renewed within hours, most urgent first, each once, within the limits [K1]', async () => {
    await issueFleet();
    await account.virtual.advance(8 * DAY);
    await account.live(HOUR, 30 * MINUTE);
    const revokedAt = now();
    const explanationURL = 'https://ca.test/incident/revocation';
    for (let index = 0; index < FLEET; index += 1) {
      const window = { start: revokedAt - HOUR, end: revokedAt - HOUR / 2 };
      suggest(account, { window, explanationURL }, domainOf(index));
    }
    const before = account.interpreter.executions.filter(({ machine }) => machine === 'renewal').length;
    await account.live(8 * HOUR, 15 * MINUTE);
    const renewed = account.ca.journal.issued.slice(FLEET);
    expect(renewed).toHaveLength(FLEET);
    expect(new Set(renewed.map(({ names }) => names[0])).size).toBe(FLEET);
    expect(Math.max(...renewed.map(({ at }) => at)) - revokedAt).toBeLessThan(8 * HOUR);
    // A fleet that is issued in one instant of virtual time has no nonces yet; none of the other limits refuses anything.
    const limits = new Set(account.ca.journal.limited.map(({ limit }) => limit));
    expect([...limits].filter((limit) => limit !== 'requests to newNonce')).toEqual([]);
    const ends = await endsBefore();
    const started = startedSince(before).map((name) => ends.get(name) ?? 0);
    for (const sweep of sweepsOf(renewed.map(({ at }) => at))) {
      const part = started.splice(0, sweep);
      expect(part).toEqual([...part].sort((a, b) => a - b));
    }
    const told = account.sns.messages().filter(({ message }) => message.includes(explanationURL));
    expect(told).toHaveLength(1);
    expect(account.txtValues()).toEqual([]);
    expect(await account.slot([domainOf(0)])).not.toHaveProperty('order');
  });
});

/** When each certificate of the fleet would have ended. */
async function endsBefore(): Promise<ReadonlyMap<string, number>> {
  const first = account.ca.journal.issued.slice(0, FLEET);
  return new Map(first.map(({ names, notAfter }) => [String(names[0]).split('.')[0] ?? '', notAfter]));
}

/** How many certificates came of each sweep: those of one sweep follow each other within minutes. */
function sweepsOf(instants: readonly number[]): readonly number[] {
  const sorted = [...instants].sort((a, b) => a - b);
  const sizes: number[] = [];
  for (const [at, instant] of sorted.entries()) {
    const isNew = at === 0 || instant - (sorted[at - 1] ?? 0) > 10 * MINUTE;
    if (isNew) sizes.push(1);
    else sizes.push((sizes.pop() ?? 0) + 1);
  }
  return sizes;
}
