import type { CaSettings } from '../../lambdas/core/declaration.ts';
import { LETSENCRYPT_LIMITS, LETSENCRYPT_STAGING_LIMITS } from './limit-presets.ts';

/** What a CA is, without what a certificate asks of it. */
export type CaPreset = Pick<CaSettings, 'directoryUrl' | 'environment' | 'limits'> & {
  /** Takes only accounts that are bound to an external one (RFC 8555 section 7.3.4). */
  readonly needsExternalAccount?: true;
  /** The only kind of key its certificates have, where the directory decides it. */
  readonly keys?: 'ecdsa' | 'rsa';
};

/**
 * CAs that need no directory in the configuration.
 * https://letsencrypt.org/docs/acme-protocol-updates/, https://letsencrypt.org/docs/staging-environment/,
 * https://zerossl.com/documentation/acme/, https://cloud.google.com/certificate-manager/docs/public-ca-tutorial,
 * https://www.ssl.com/guide/ssl-tls-certificate-issuance-and-revocation-with-acme/
 */
export const CA_PRESETS: Readonly<Record<string, CaPreset>> = {
  letsencrypt: {
    directoryUrl: 'https://acme-v02.api.letsencrypt.org/directory',
    environment: 'production',
    limits: LETSENCRYPT_LIMITS,
  },
  'letsencrypt-staging': {
    directoryUrl: 'https://acme-staging-v02.api.letsencrypt.org/directory',
    environment: 'staging',
    limits: LETSENCRYPT_STAGING_LIMITS,
  },
  zerossl: {
    directoryUrl: 'https://acme.zerossl.com/v2/DV90',
    environment: 'production',
    needsExternalAccount: true,
  },
  google: {
    directoryUrl: 'https://dv.acme-v02.api.pki.goog/directory',
    environment: 'production',
    needsExternalAccount: true,
  },
  'google-staging': {
    directoryUrl: 'https://dv.acme-v02.test-api.pki.goog/directory',
    environment: 'staging',
    needsExternalAccount: true,
  },
  'sslcom-ecc': {
    directoryUrl: 'https://acme.ssl.com/sslcom-dv-ecc',
    environment: 'production',
    needsExternalAccount: true,
    keys: 'ecdsa',
  },
  'sslcom-rsa': {
    directoryUrl: 'https://acme.ssl.com/sslcom-dv-rsa',
    environment: 'production',
    needsExternalAccount: true,
    keys: 'rsa',
  },
};

/** Profiles whose certificates hold fewer names. https://letsencrypt.org/docs/profiles/ */
export const PROFILE_MAX_NAMES: Readonly<Record<string, number>> = { tlsserver: 25, shortlived: 25 };

/** Lifetimes of profiles, days. https://letsencrypt.org/docs/profiles/ */
export const PROFILE_LIFETIME_DAYS: Readonly<Record<string, number>> = { tlsserver: 45, shortlived: 160 / 24 };

/** Of any other: what Let's Encrypt's default profile has from February 2027. https://letsencrypt.org/2025/12/02/from-90-to-45 */
export const USUAL_LIFETIME_DAYS = 64;

/** Names in a certificate of any other profile. */
export const MAX_NAMES = 100;

/** Profiles whose certificates live less than 10 days. */
export const SHORT_PROFILES: readonly string[] = ['shortlived'];
