import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CATALOGUE_SECTIONS } from './catalogue-ids.ts';
import type { Coverage } from './readme.ts';
import { idsIn, README, readCoverage, renderReadme, runnersOf } from './readme.ts';

type TestFile = { readonly name: string; readonly message?: string; readonly assertionResults: readonly Assertion[] };
type Assertion = { readonly fullName: string; readonly status: string };

/** The check of the README itself, whose cases name ids too. */
const CHECK = 'test/faults/readme.test.ts';

/** Suites that have a configuration of their own. */
const isSlow = (file: string): boolean => /\.(slow|peer)\.test\.ts$/.test(file);

function runVitest(files: readonly string[], more: readonly string[] = []): readonly TestFile[] {
  if (files.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'perennial-faults-'));
  const outputFile = join(folder, 'report.json');
  const args = ['run', '--reporter=json', `--outputFile=${outputFile}`, ...more, ...files];
  try {
    spawnSync('vitest', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const report: { readonly testResults: readonly TestFile[] } = JSON.parse(readFileSync(outputFile, 'utf8'));
    return report.testResults;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Verdict = 'passed' | 'failed' | 'waits' | 'missing';

/** An id has passed when a test of its name ran and none of them failed. */
function judge({ id, waits }: Coverage, assertions: readonly Assertion[]): Verdict {
  const own = assertions.filter(({ fullName }) => idsIn(fullName).includes(id));
  if (own.some(({ status }) => status === 'failed')) return 'failed';
  if (own.some(({ status }) => status === 'passed')) return 'passed';
  return waits === undefined ? 'missing' : 'waits';
}

function write(): void {
  writeFileSync(README, renderReadme(readFileSync(README, 'utf8')));
  console.log(`${README} is up to date`);
}

function report(): void {
  const rows = readCoverage();
  const files = [...new Set([CHECK, ...rows.flatMap((row) => row.files.flatMap(runnersOf))])];
  const ran = [
    ...runVitest(files.filter((file) => !isSlow(file))),
    ...runVitest(files.filter(isSlow), ['--config', 'vitest.slow.config.ts']),
  ];
  const assertions = ran.flatMap(({ assertionResults }) => assertionResults);
  const provoking = ran.filter(({ name }) => !name.endsWith(CHECK)).flatMap(({ assertionResults }) => assertionResults);
  const verdicts = rows.map((row) => ({ ...row, verdict: judge(row, provoking) }));
  const count = (verdict: Verdict, letter = ''): number =>
    verdicts.filter((row) => row.verdict === verdict && row.id.startsWith(letter)).length;
  const line = (...cells: readonly (string | number)[]): void =>
    console.log(
      cells.map((cell, at) => (at < 2 ? String(cell).padEnd(at === 0 ? 8 : 34) : String(cell).padStart(8))).join(' '),
    );

  line('section', '', 'ids', 'covered', 'passed', 'waiting');
  for (const [letter, title] of CATALOGUE_SECTIONS) {
    const ids = verdicts.filter(({ id }) => id.startsWith(letter)).length;
    line(letter, title, ids, ids - count('waits', letter), count('passed', letter), count('waits', letter));
  }
  for (const { id, verdict, waits } of verdicts) {
    if (verdict === 'waits' && !waits?.startsWith('test/')) console.log(`${id} waits: ${waits}`);
    if (verdict === 'failed' || verdict === 'missing') console.log(`${id} ${verdict.toUpperCase()}`);
  }
  const planned = verdicts.filter(({ verdict, waits }) => verdict === 'waits' && waits?.startsWith('test/'));
  if (planned.length > 0) console.log(`no test yet: ${planned.map(({ id }) => id).join(' ')}`);
  const broken = assertions.filter(({ status }) => status === 'failed');
  for (const { fullName } of broken) console.log(`FAILED: ${fullName}`);
  const unread = ran.filter(({ assertionResults }) => assertionResults.length === 0);
  for (const { name, message } of unread) console.log(`FAILED: ${name}: ${message ?? 'no test ran'}`);
  const bad = count('failed') + count('missing') + broken.length + unread.length;
  process.exitCode = bad === 0 && rows.length > 0 ? 0 : 1;
  console.log(
    `${rows.length} ids: ${rows.length - count('waits')} covered, ${count('passed')} passed, ${count('failed')} failed, ${count('missing')} missing, ${count('waits')} waiting`,
  );
}

if (process.argv.includes('--write')) write();
else report();
