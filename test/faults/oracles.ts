import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import { nextDueAt } from '../support/next-due.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';

/** What a client of the edge is shown for a name: the leaf's SHA-256 and end, or `nothing`. */
export type Served = { readonly sha256: string; readonly notAfter: number } | 'nothing';

/** What must hold once a fault has been dealt with. */
export type Outcome = {
  /** A name of the certificate. */
  readonly domain: string;
  /** Certificate's name in the declaration. Default `site`. */
  readonly certificate?: string;
  /** Certificates that the account's CA has issued in all for this name: exactly so many. */
  readonly issued: number;
  /** Further CAs whose certificates count. Default none. */
  readonly alsoAt?: readonly Pick<VirtualAccount['ca'], 'journal'>[];
  /** Messages about failures of this certificate that people got. Default 0. */
  readonly told?: number;
  /** Messages that it works again. Default 1 where a failure was told and is over, else 0. */
  readonly recovered?: number;
  /** What the edge served before the fault: never anything that ends earlier afterwards. */
  readonly before?: Served;
  /** An order may wait in its slot for the next try; DNS values and locks may not. Default false. */
  readonly orderKept?: boolean;
};

/** Sweeps that follow a fault until nothing is left behind; a slot is looked at again and again. */
const MOST_SWEEPS = 12;

/** What is served at the edge for a name just now. */
export async function servedAt(account: VirtualAccount, domain: string): Promise<Served> {
  const servername = domain.replace('*', 'any');
  const probe = { host: '127.0.0.1', port: account.edge.port, servername };
  const seen = await account.ports.probe.served.probe(probe, 5_000);
  return 'error' in seen ? 'nothing' : { sha256: seen.sha256, notAfter: seen.notAfter };
}

/**
 * The three oracles of the fault catalogue: no double spend, nothing left behind, and what is served never gets worse while
 * people are told exactly once. Sweeps on while something is left that the next sweep would clear.
 */
export async function expectOracles(account: VirtualAccount, outcome: Outcome): Promise<void> {
  await expectNothingLeft(account, outcome.orderKept ?? false);
  expectSpent(account, outcome);
  await expectServed(account, outcome);
  await expectTold(account, outcome);
}

/** O1: at most one certificate for an order, and exactly as many in all as the case says. */
function expectSpent({ ca }: VirtualAccount, { domain, issued, alsoAt = [] }: Outcome): void {
  const journals = [ca, ...alsoAt].flatMap(({ journal }) => journal.issued);
  const ours = journals.filter(({ names }) => names.includes(domain));
  expect(ours, `certificates issued for ${domain}`).toHaveLength(issued);
  expect(new Set(ours.map(({ order }) => order)).size, 'orders that a certificate was issued for').toBe(issued);
}

/** O2: no TXT value, no lock, no order and no unsent message. */
async function expectNothingLeft(account: VirtualAccount, orderKept: boolean): Promise<void> {
  for (let sweep = 0; sweep < MOST_SWEEPS && (await leftovers(account, orderKept)).length > 0; sweep += 1) {
    const dueAt = await nextDueAt(account.ports.base.table);
    if (dueAt === Number.POSITIVE_INFINITY) break;
    await account.virtual.advance(Math.max(0, dueAt - account.virtual.clock.now()) + 1);
    await account.sweep();
  }
  expect(await leftovers(account, orderKept), 'left behind').toEqual([]);
}

async function leftovers(account: VirtualAccount, orderKept: boolean): Promise<readonly string[]> {
  const rows = await allRows(account);
  const left = rows.flatMap((row) => leftIn(row, orderKept).map((what) => `${row.pk} ${row.sk}: ${what}`));
  return [...left, ...account.txtValues().map((value) => `TXT ${value}`)];
}

type Row = Readonly<Record<string, unknown>>;

function leftIn(row: Row, orderKept: boolean): readonly string[] {
  const isSlot = row.sk === 'SLOT';
  return [
    ...(row.owner === undefined ? [] : [`lock of ${String(row.owner)}`]),
    ...(row.runUntil === undefined ? [] : ['run in flight']),
    ...(isSlot && row.order !== undefined && !orderKept ? ['order'] : []),
    ...(isSlot && sizeOf(row.dns) > 0 ? [`DNS ledger ${JSON.stringify(row.dns)}`] : []),
    ...(isSlot && !orderKept && Array.isArray(row.limits) ? ['reservations'] : []),
    ...(orderKept ? [] : Object.keys(row).filter((name) => name.startsWith('held:'))),
    ...(sizeOf(row.outbox) > 0 ? [`outbox ${JSON.stringify(row.outbox)}`] : []),
  ];
}

function sizeOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}

async function allRows(account: VirtualAccount): Promise<readonly Row[]> {
  const { table } = account.ports.base;
  const page = await table.client.send(new ScanCommand({ TableName: table.name, ConsistentRead: true }));
  expect(page.LastEvaluatedKey, 'a table of more than one page').toBeUndefined();
  return page.Items ?? [];
}

/** O3, first half: the edge serves the version that the role points at, and nothing that ends before what was served. */
async function expectServed(account: VirtualAccount, { domain, certificate = 'site', before }: Outcome): Promise<void> {
  const served = await servedAt(account, domain);
  const { version } = await account.role(certificate);
  expect(served === 'nothing' ? undefined : served.sha256, `served for ${domain}`).toBe(version);
  if (before === undefined || before === 'nothing') return;
  expect(served === 'nothing' ? 0 : served.notAfter, 'end of what is served').toBeGreaterThanOrEqual(before.notAfter);
}

/** O3, second half: each failure is told once, and its end. */
async function expectTold(account: VirtualAccount, outcome: Outcome): Promise<void> {
  const { certificate = 'site', told = 0 } = outcome;
  const { failure } = await account.role(certificate);
  const { recovered = told > 0 && failure === undefined ? 1 : 0 } = outcome;
  expect(failuresTold(account, certificate), 'failures told').toHaveLength(told);
  expect(toldOf(account, certificate, 'has recovered'), 'recoveries told').toHaveLength(recovered);
}

/** Subjects of the messages about failures of a certificate. */
export function failuresTold(account: VirtualAccount, certificate = 'site'): readonly string[] {
  return toldOf(account, certificate, ' fails');
}

function toldOf({ sns }: VirtualAccount, certificate: string, words: string): readonly string[] {
  const subjects = sns.messages().map(({ subject }) => subject ?? '');
  const starts = [`Perennial: ${certificate}:`, `Perennial: ${certificate} `];
  return subjects.filter((subject) => starts.some((start) => subject.startsWith(start)) && subject.includes(words));
}
