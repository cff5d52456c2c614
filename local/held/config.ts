import type { PerennialConfig } from '../../infra/config/schema.ts';

/** The hosted zone of the account. */
export const ZONE = 'perennial.test';

/** What the configuration has to know of the account that runs here. */
type Surroundings = {
  readonly ca: { readonly directoryUrl: string; readonly rootPem: string; readonly issuerRootsPem: string };
  /** Port of the TLS edge on 127.0.0.1. */
  readonly edgePort: number;
};

/** Certificates to try the CLI on: two that are issued, and one whose zone is not in the account, so that it fails. */
const CERTIFICATES = {
  website: [ZONE, `*.${ZONE}`],
  api: [`api.${ZONE}`],
  stray: ['stray.elsewhere.test'],
} as const;

/** The configuration of the account that is held. */
export function heldConfig({ ca, edgePort }: Surroundings): PerennialConfig {
  const { directoryUrl, rootPem: rootsPem, issuerRootsPem } = ca;
  return {
    certificates: Object.entries(CERTIFICATES).map(([name, domains]) => ({
      name,
      domains: [...domains],
      cas: ['here'],
      targets: [{ kind: 'acm', probe: { host: '127.0.0.1', port: edgePort, servername: domains[0] } }],
    })),
    cas: { here: { directoryUrl, rootsPem, issuerRootsPem, environment: 'staging' } },
    contact: ['operations@perennial.test'],
    alerts: { email: ['operations@perennial.test'] },
  };
}
