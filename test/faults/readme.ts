import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { CATALOGUE, CATALOGUE_SECTIONS } from './catalogue-ids.ts';

export const README = 'test/faults/README.md';

/** What the README says of one id: the files that provoke it, or what it waits for. */
export type Coverage = { readonly id: string; readonly files: readonly string[]; readonly waits?: string };

const ROW = /^\| (?<id>[A-L]\d+) \| [^|]* \| (?<where>[^|]*) \|$/gm;
const WAITS = 'waits: ';

/** The rows of the README's tables. */
export function readCoverage(text = readFileSync(README, 'utf8')): readonly Coverage[] {
  return [...text.matchAll(ROW)].map(({ groups }) => {
    const { id = '', where = '' } = groups ?? {};
    if (where.startsWith(WAITS)) return { id, files: [], waits: where.slice(WAITS.length).trim() };
    return { id, files: [...where.matchAll(/`([^`]+)`/g)].map(([, file]) => file ?? '') };
  });
}

/** Ids in a test's name: `[A1]`, or `[A1, B2]`. */
export function idsIn(name: string): readonly string[] {
  const lists = [...name.matchAll(/\[([A-L]\d{1,2}(?:, [A-L]\d{1,2})*)\]/g)];
  return lists.flatMap(([, ids]) => (ids ?? '').split(', '));
}

/** Every file under test/ whose tests' names carry ids, with them. */
export function filesWithIds(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const file of globSync('test/**/*.ts').sort()) {
    if (file.startsWith('test/faults/') && !file.endsWith('.test.ts')) continue;
    const ids = idsIn(readFileSync(file, 'utf8'));
    if (ids.length > 0 && file !== 'test/faults/readme.test.ts') found.set(file, ids);
  }
  return found;
}

/** The test files that run what a file holds: itself, or those that import its suite. */
export function runnersOf(file: string): readonly string[] {
  if (file.endsWith('.test.ts')) return [file];
  const name = basename(file);
  return globSync('test/**/*.test.ts').filter((candidate) => readFileSync(candidate, 'utf8').includes(`/${name}'`));
}

/** The tables as they should be: covered where a test's name carries the id, else waiting for what they waited for. */
export function renderTables(before: readonly Coverage[]): string {
  const files = [...filesWithIds()];
  const where = (id: string): string => {
    const covering = files.filter(([, ids]) => ids.includes(id)).map(([file]) => `\`${file}\``);
    if (covering.length > 0) return covering.join(', ');
    return `${WAITS}${before.find((row) => row.id === id)?.waits ?? 'no test yet'}`;
  };
  return CATALOGUE_SECTIONS.map(([letter, title]) => {
    const rows = CATALOGUE.filter(({ section }) => section === letter);
    const lines = rows.map(({ id, words }) => `| ${id} | ${words} | ${where(id)} |`);
    return [`## ${letter}: ${title}`, '', '| id | fault | where |', '| --- | --- | --- |', ...lines, ''].join('\n');
  }).join('\n');
}

const TABLES = '## A: ';

/** The README's text with its tables brought up to date. */
export function renderReadme(text: string): string {
  const at = text.indexOf(TABLES);
  return `${(at < 0 ? text : text.slice(0, at)).trimEnd()}\n\n${renderTables(readCoverage(text))}`;
}
