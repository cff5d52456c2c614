import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const FAKES = new URL('../../../local/aws/', import.meta.url);

it('Every strict fake names the pages whose rules it enforces', async () => {
  const names = (await readdir(FAKES, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const files = await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, FAKES), 'utf8')]));
  const fakes = files.filter(([, text = '']) => text.includes('implements FakeAccount'));
  expect(fakes.length).toBeGreaterThan(8);
  expect(fakes.filter(([, text = '']) => !text.includes('https://docs.aws.amazon.com/')).map(([name]) => name)).toEqual(
    [],
  );
});
