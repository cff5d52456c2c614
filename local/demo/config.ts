import type { PerennialConfig } from '../../infra/config/schema.ts';

/** The demo's certificates. The challenges of apex and wildcard share a record set. */
export const CERTIFICATES = {
  website: ['perennial.test', '*.perennial.test'],
  api: ['api.garden.test'],
  shop: ['shop.garden.test'],
  mail: ['mail.garden.test'],
  files: ['files.garden.test'],
} as const;

export type CertificateName = keyof typeof CERTIFICATES;

export const CERTIFICATE_NAMES: readonly CertificateName[] = ['website', 'api', 'shop', 'mail', 'files'];

/** Where `files` is exported to, besides its other targets. */
export const EXPORT_BUCKET = 'certificates-of-perennial';

/** The hosted zones of their names. */
export const ZONES = ['perennial.test', 'garden.test'] as const;

/** Renewed earlier than the others, whose third is the default, so that the last scene has one renewal to show. */
const WEBSITE_SHARE = 0.4;

const EXPORTS = [
  { kind: 'secrets-manager', secretName: 'certificates/files' },
  { kind: 's3', bucket: EXPORT_BUCKET, prefix: 'files/' },
] as const;

/** What a configuration has to know of the account that runs here. */
export type Surroundings = {
  readonly ca: { readonly directoryUrl: string; readonly rootPem: string; readonly issuerRootsPem: string };
  /** Port of the TLS edge on 127.0.0.1. */
  readonly edgePort: number;
};

/** The demo's configuration: what a user would write, with addresses on loopback. */
export function demoConfig({ ca, edgePort }: Surroundings): PerennialConfig {
  const { directoryUrl, rootPem: rootsPem, issuerRootsPem } = ca;
  return {
    certificates: CERTIFICATE_NAMES.map((name) => ({
      name,
      domains: [...CERTIFICATES[name]],
      cas: ['here'],
      targets: [
        { kind: 'acm', probe: { host: '127.0.0.1', port: edgePort, servername: CERTIFICATES[name][0] } },
        ...(name === 'files' ? EXPORTS : []),
      ],
      ...(name === 'website' && { renewal: { remainingShare: WEBSITE_SHARE } }),
    })),
    cas: { here: { directoryUrl, rootsPem, issuerRootsPem, environment: 'staging' } },
    contact: ['operations@perennial.test'],
    alerts: { email: ['operations@perennial.test'] },
  };
}
