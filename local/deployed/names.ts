/** The demo's certificates: the challenges of apex and wildcard share a record set. */
export const CERTIFICATES = [
  { name: 'website', domains: ['perennial.test', '*.perennial.test'] },
  { name: 'api', domains: ['api.garden.test'] },
] as const;

/** The hosted zones of their names. */
export const ZONES = ['perennial.test', 'garden.test'] as const;
