import { describe, expect, it } from 'vitest';
import { CATALOGUE } from './catalogue-ids.ts';
import { filesWithIds, idsIn, README, readCoverage, runnersOf } from './readme.ts';

const rows = readCoverage();
const withIds = filesWithIds();

describe(README, () => {
  it('has one row for each id of the catalogue, and no others', () => {
    expect(rows.map(({ id }) => id)).toEqual(CATALOGUE.map(({ id }) => id));
  });

  it.each(rows)('says where $id is provoked, or what it waits for', ({ id, files, waits = '' }) => {
    expect(files.length > 0 || waits.length > 5, `${id} is in neither: npm run faults -- --write`).toBe(true);
    for (const file of files) {
      expect(withIds.get(file) ?? [], `${file} has no test named [${id}]`).toContain(id);
      expect(runnersOf(file), `${file} is run by no test file`).not.toEqual([]);
    }
  });

  it('is spoken of by no test that names an id which does not exist', () => {
    const known = new Set(CATALOGUE.map(({ id }) => id));
    const unknown = [...withIds].flatMap(([file, ids]) =>
      ids.filter((id) => !known.has(id)).map((id) => `${file} ${id}`),
    );
    expect(unknown).toEqual([]);
  });
});

describe('the ids of a name', () => {
  it.each([
    ['is read again', []],
    ['is read again [H4]', ['H4']],
    ['is read again [H4, H21]', ['H4', 'H21']],
    ['of %d is read again [H4] [A3]', ['H4', 'A3']],
    ['[%s] is no id, nor is [M1]', []],
  ])('%s', (name, ids) => {
    expect(idsIn(name)).toEqual(ids);
  });
});
