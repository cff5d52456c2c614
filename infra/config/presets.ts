import type { CaSettings } from '../../lambdas/core/declaration.ts';

/** What a CA is, without what a certificate asks of it. */
export type CaPreset = Pick<CaSettings, 'directoryUrl' | 'environment'>;

/** CAs that need no entry of their own. https://letsencrypt.org/docs/acme-protocol-updates/, https://letsencrypt.org/docs/staging-environment/ */
export const CA_PRESETS: Readonly<Record<string, CaPreset>> = {
  letsencrypt: {
    directoryUrl: 'https://acme-v02.api.letsencrypt.org/directory',
    environment: 'production',
  },
  'letsencrypt-staging': {
    directoryUrl: 'https://acme-staging-v02.api.letsencrypt.org/directory',
    environment: 'staging',
  },
};

/** Profiles whose certificates hold fewer names. https://letsencrypt.org/docs/profiles/ */
export const PROFILE_MAX_NAMES: Readonly<Record<string, number>> = { tlsserver: 25, shortlived: 25 };

/** Names in a certificate of any other profile. */
export const MAX_NAMES = 100;

/** Profiles whose certificates live less than 10 days. */
export const SHORT_PROFILES: readonly string[] = ['shortlived'];
