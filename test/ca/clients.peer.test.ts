import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ca, startCa } from '../../local/ca/ca.ts';
import { BOULDER_HABITS } from '../../local/ca/habits.ts';
import { hookScript, startHookZone } from '../../local/ca/hook-zone.ts';
import type { JournalEntry } from '../../local/ca/journal.ts';
import type { CaOptions } from '../../local/ca/options.ts';
import { LETS_ENCRYPT_LIMITS } from '../../local/ca/rate-limits.ts';
import type { DnsServer } from '../../local/dns/server.ts';
import { absence, CLIENTS, type Client, type Desk, type Files, opensslVerify } from './support/clients.ts';

const SLOW = 120_000;

/** Each client meets the CA twice: by the RFC with everything at once, and as Let's Encrypt is, with a finalize that takes its time. */
const MANNERS: Readonly<Record<string, CaOptions>> = {
  'by the RFC, finalize synchronous': {},
  'by the habits and limits of Boulder, finalize asynchronous': {
    habits: BOULDER_HABITS,
    limits: LETS_ENCRYPT_LIMITS,
    finalize: { processingMs: 300 },
    retryAfter: { order: 1, form: 'either' },
    validationMs: 100,
  },
};

interface Bench extends Desk {
  readonly ca: Ca;
  readonly dns: DnsServer;
  readonly rootsFile: string;
}

async function setUp(options: CaOptions): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-clients-'));
  const [rootFile, rootsFile] = [join(folder, 'root.pem'), join(folder, 'issuers.pem')];
  const [zoneFile, hookFile] = [join(folder, 'zone.txt'), join(folder, 'hook.sh')];
  writeFileSync(hookFile, hookScript(zoneFile), { mode: 0o700 });
  const dns = await startHookZone(zoneFile);
  const ca = await startCa({ ...options, resolver: dns.address });
  writeFileSync(rootFile, ca.rootPem);
  writeFileSync(rootsFile, ca.issuerRootsPem);
  return { folder, rootFile, rootsFile, hookFile, dns, ca, resolver: dns.address, directoryUrl: ca.directoryUrl };
}

function check(bench: Bench, files: Files, names: readonly string[]): X509Certificate {
  const leaf = new X509Certificate(files.chain);
  expect(leaf.subjectAltName?.split(', ').toSorted()).toEqual(names.map((name) => `DNS:${name}`).toSorted());
  expect(leaf.checkPrivateKey(createPrivateKey(files.key))).toBe(true);
  expect(bench.ca.control.certificates().map(({ serial }) => serial)).toContain(leaf.serialNumber.toLowerCase());
  return leaf;
}

/** A question whether the account exists is answered by a refusal; it is none. */
function isRefused({ status = 0, payload, problemType }: JournalEntry): boolean {
  const asked = problemType === 'accountDoesNotExist' && payload?.includes('onlyReturnExisting');
  return status >= 400 && !asked;
}

function suite(client: Client, manner: string, options: CaOptions): void {
  describe(`${client.name}, unmodified, at a CA ${manner}`, () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await setUp(options);
      await client.register(bench);
    }, SLOW);
    afterAll(async () => {
      await bench.ca.stop();
      await bench.dns.close();
      rmSync(bench.folder, { recursive: true });
    });
    const ten = Array.from({ length: 10 }, (_, index) => `n${index}.ten.example.test`);
    // Once is enough for ten names: where validation takes time, clients that poll each name need a minute for them.
    const orders = [
      ['one.example.test'],
      ['both.example.test', '*.both.example.test'],
      ...(options.validationMs ? [] : [ten]),
    ];

    it.each(orders.map((names) => [names.length, names] as const))(
      'gets a certificate for %i names that openssl verifies',
      async (_count, names) => {
        const files = await client.issue(bench, names);
        check(bench, files, names);
        expect(await opensslVerify(bench.rootsFile, files.chainFile)).toBe(`${files.chainFile}: OK`);
      },
      SLOW,
    );

    it(
      'renews',
      async () => {
        const before = bench.ca.journal.issued.length;
        const leaf = check(bench, await client.renew(bench, ['one.example.test']), ['one.example.test']);
        expect(bench.ca.journal.issued.length).toBe(before + 1);
        expect(bench.ca.journal.issued.at(-1)?.serial).toBe(leaf.serialNumber.toLowerCase());
      },
      SLOW,
    );

    it(
      'revokes',
      async () => {
        await client.revoke(bench, ['one.example.test']);
        const latest = bench.ca.control.certificates().filter(({ names }) => names.includes('one.example.test'));
        expect(latest.at(-1)?.revoked).toBe(true);
      },
      SLOW,
    );

    it('was refused nothing and finalized each order once', () => {
      const { requests, limited, issued } = bench.ca.journal;
      expect(requests.filter((request) => isRefused(request))).toEqual([]);
      expect(limited).toEqual([]);
      expect(issued.map(({ order }) => bench.ca.journal.finalizes(order))).toEqual(issued.map(() => 1));
    });
  });
}

for (const client of CLIENTS) {
  const missing = await absence(client);
  if (missing === undefined) {
    for (const [manner, options] of Object.entries(MANNERS)) suite(client, manner, options);
  } else {
    it(`${client.name} is not to be had: it was NOT run`, ({ skip }) => {
      process.emitWarning(`${client.name}: ${missing}`);
      if (process.env.CI === 'true') throw new Error(missing);
      skip(missing);
    });
  }
}
