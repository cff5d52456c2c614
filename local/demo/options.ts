import { parseArgs } from 'node:util';
import { AUTHORITIES, type AuthorityName } from './authority.ts';

/** What a person asked for on the command line. */
export type DemoOptions = { readonly ca: AuthorityName; readonly json: boolean; readonly help: boolean };

/** The command line cannot be understood; the message names what and what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const HELP = `Plays Perennial's whole life in one process: issues, renews, crashes, recovers, and proves each by a TLS handshake.

  npm run demo                    with the CA that is part of this project
  npm run demo -- --ca pebble     with Let's Encrypt's test CA, which is built once with Go if it is not there
  npm run demo -- --json          the last line is one JSON object; the story is told on a terminal's stderr only
  npm run demo -- --help          this text

Ends with 0 only if everything that it claims was true. Listens on 127.0.0.1 alone, leaves nothing behind.
`;

/** @throws UsageError naming the option or value that is not known */
export function readOptions(args: readonly string[]): DemoOptions {
  const { ca = 'local', json = false, help = false } = parse(args);
  const known = AUTHORITIES.find((name) => name === ca);
  if (known === undefined) throw new UsageError(`--ca is "${ca}"; write one of: ${AUTHORITIES.join(', ')}`);
  return { ca: known, json, help };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { ca: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    return values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}; --help lists what there is`);
  }
}
