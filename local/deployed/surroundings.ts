import { readFileSync } from 'node:fs';

/** The file in which the demo tells its configuration what it has started. */
export const SURROUNDINGS_FILE = 'PERENNIAL_SURROUNDINGS';

/** What the demo's configuration has to know of a run. */
export interface Surroundings {
  /** The CA's directory, the roots its HTTPS is trusted by, and the roots of what it issues. */
  readonly ca: { readonly directoryUrl: string; readonly rootsPem: string; readonly issuerRootsPem: string };
  /** `ip:port` of the one DNS server, which stands for all. */
  readonly dnsServer: string;
  /** Port of the TLS edge on 127.0.0.1. */
  readonly edgePort: number;
}

/** What the file that the environment names says. @throws Error outside a demo */
export function readSurroundings(): Surroundings {
  const file = process.env[SURROUNDINGS_FILE];
  if (file === undefined) throw new Error(`${SURROUNDINGS_FILE} is not set: this configuration is the demo's own`);
  return JSON.parse(readFileSync(file, 'utf8'));
}
