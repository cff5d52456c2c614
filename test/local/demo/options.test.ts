import { describe, expect, it } from 'vitest';
import { readOptions } from '../../../local/demo/options.ts';

describe("the demo's command line", () => {
  it('means the CA of this project and a told story where nothing is said', () => {
    expect(readOptions([])).toEqual({ ca: 'local', json: false, help: false });
  });

  it('takes a CA by name, --json and --help', () => {
    expect(readOptions(['--ca', 'pebble', '--json'])).toEqual({ ca: 'pebble', json: true, help: false });
    expect(readOptions(['-h']).help).toBe(true);
  });

  it.each([
    [['--jsno'], '--jsno'],
    [['--ca', 'letsencrypt'], 'local, pebble'],
    [['--ca'], '--ca'],
    [['more'], 'more'],
  ])('refuses %j and names what it does not know', (args, named) => {
    expect(() => readOptions(args)).toThrow(named);
  });
});
