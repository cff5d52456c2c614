// How many certificates the local CA issues a minute, through its sockets or without them, DNS look-ups included.
// Usage: node bench/ca-throughput.ts [seconds]. Exits non-zero below 1,000 a minute.
import { type Ca, startCa } from '../local/ca/ca.ts';
import { makeCsr } from '../test/ca/support/csr.ts';
import { Session } from '../test/ca/support/session.ts';
import { startZone, type Zone } from '../test/ca/support/zone.ts';

const FLOOR_PER_MINUTE = 1000;
const WORKERS = 4;

async function work(
  ca: Ca,
  zone: Zone,
  csrs: readonly { name: string; csr: string }[],
  until: number,
): Promise<number> {
  const session = await Session.open(ca);
  let issued = 0;
  for (const { name, csr } of csrs) {
    if (Date.now() >= until) break;
    await session.issue(name, csr, (value) => zone.txt(`_acme-challenge.${name}`, value));
    zone.remove(`_acme-challenge.${name}`);
    issued += 1;
  }
  return issued;
}

// Keys and CSRs are the client's work: one pair serves all, and what is measured is the CA.
async function prepare(label: string, count: number): Promise<readonly { name: string; csr: string }[]> {
  const first = await makeCsr({ names: ['first.example.test'] });
  const names = Array.from({ length: count }, (_, index) => `${label}-${index}.example.test`);
  return Promise.all(
    names.map(async (name) => ({ name, csr: (await makeCsr({ names: [name], keys: first.keys })).text })),
  );
}

async function measure(seconds: number): Promise<number> {
  const zone = await startZone();
  const ca = await startCa({ resolver: zone.address });
  const jobs = await Promise.all(Array.from({ length: WORKERS }, (_, index) => prepare(`w${index}`, seconds * 100)));
  const start = Date.now();
  const counts = await Promise.all(jobs.map((csrs) => work(ca, zone, csrs, start + seconds * 1000)));
  const perMinute = (counts.reduce((sum, count) => sum + count, 0) * 60_000) / (Date.now() - start);
  await ca.stop();
  await zone.close();
  return Math.round(perMinute);
}

const perMinute = await measure(Number(process.argv[2] ?? 10));
if (perMinute < FLOOR_PER_MINUTE) process.exitCode = 1;
console.log(`${perMinute} certificates a minute, floor ${FLOOR_PER_MINUTE}`);
