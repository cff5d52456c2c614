import { createHash } from 'node:crypto';
import type { ExternalAccount } from './external-account.ts';
import type { CaLimits } from './rate-limits.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { TargetDeclaration } from './target-declaration.ts';

/** Kinds of certificate key. ACM takes all of them; CloudFront takes P-256 and RSA only. */
export type KeyType = 'ecdsa-p256' | 'ecdsa-p384' | 'rsa-2048' | 'rsa-3072' | 'rsa-4096';

/** Production and staging certificates never mix (a staging certificate never reaches a production target). */
export type CaEnvironment = 'production' | 'staging';

/** One CA as a certificate uses it: a directory, an account there, a profile. */
export type CaSettings = {
  readonly name: string;
  /** RFC 8555 section 7.1.1. */
  readonly directoryUrl: string;
  readonly environment: CaEnvironment;
  /** Tells accounts at one directory apart. */
  readonly accountLabel: string;
  /** `mailto:` URLs for newAccount (RFC 8555 section 7.3); may be empty. */
  readonly contact: readonly string[];
  /** What newAccount is bound to, where the CA asks for it (RFC 8555 section 7.3.4). */
  readonly externalAccount?: ExternalAccount;
  readonly profile?: string;
  /** No certificate of another profile will do. Default: it is asked for, and done without where the CA refuses it. */
  readonly profileRequired?: boolean;
  /** Hosts besides the directory's that its URLs may be on, `host` or `host:port`. */
  readonly otherHosts?: readonly string[];
  /** PEM bundle that the HTTPS connection to the CA is trusted by, instead of the public roots. */
  readonly rootsPem?: string;
  /** PEM bundle that issued chains must end in, instead of the public roots. */
  readonly issuerRootsPem?: string;
  /** Common name of an issuer; of the chains that the CA offers (RFC 8555 section 7.4.2) one that has it is taken. */
  readonly preferredIssuer?: string;
  /** What is kept to without being refused first; without them the CA's own refusals alone are obeyed. */
  readonly limits?: CaLimits;
};

/** When to renew, as shares of the lifetime. */
export type RenewalPolicy = {
  /** Share of the lifetime that is left when renewal starts: 1/3, or 1/2 below 10 days. */
  readonly remainingShare?: number;
};

/** What the user declares about one certificate, resolved and validated: the content of its `CERT` row. */
export type CertificateDeclaration = {
  readonly name: string;
  /** Lower-case A-labels, sorted, without duplicates; wildcards as `*.example.com`. */
  readonly domains: readonly string[];
  readonly keyType: KeyType;
  /** In order of preference; never empty, all of one environment. */
  readonly cas: readonly [CaSettings, ...CaSettings[]];
  /**
   * The registered domains of `domains`, by the public suffix list of the day it was declared. Rows of earlier versions have
   * none; each name then counts as its own.
   */
  readonly registeredDomains?: readonly string[];
  readonly targets: readonly TargetDeclaration[];
  readonly renewal: RenewalPolicy;
  readonly retry: RetryPolicy;
  /** Hash of the DNS settings that its challenges are published by; none where nothing is configured. */
  readonly dns?: string;
};

/** Hash of what the certificate is made of: names, key type, profile and first CA. Other changes touch no role. */
export function declarationHash(declaration: CertificateDeclaration): string {
  const [first] = declaration.cas;
  const made = [
    declaration.domains,
    declaration.keyType,
    first.profile ?? null,
    first.directoryUrl,
    first.accountLabel,
  ];
  return sha256Hex(JSON.stringify(made));
}

/** Hash of what its orders are made by and the certificate does not show: settings of its CAs and of DNS. */
export function settingsHash({ cas, dns }: CertificateDeclaration): string {
  return sha256Hex(JSON.stringify([cas, dns ?? null]));
}

/** SHA-256 of a text, as lower-case hex. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
