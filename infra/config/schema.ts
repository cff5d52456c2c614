import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';
import { targetSchema } from '../targets/registry.ts';
import type { ChannelsInput } from './alert-channels.ts';
import {
  externalId,
  isHttpsUrl,
  matching,
  numberBetween,
  region,
  retrySchema,
  roleArn,
  secretName,
  text,
} from './fields.ts';

const KEY_TYPES = ['ecdsa-p256', 'ecdsa-p384', 'rsa-2048', 'rsa-3072', 'rsa-4096'] as const;

const name = matching(
  /^[a-z0-9][a-z0-9._-]{0,63}$/,
  'write up to 64 of a-z, 0-9, ".", "_" and "-", first a letter or digit',
);
const profile = matching(/^[A-Za-z0-9_-]{1,64}$/, 'write the name of a profile that the CA lists in its directory');
const pem = text('write PEM certificates, one or more', isPemBundle);
const environment = z.enum(['production', 'staging'], "write 'production' or 'staging'");

const externalAccountSchema = z.strictObject(
  {
    keyId: text('write the id of the key, as the CA gave it'),
    secretName,
  },
  'write { keyId, secretName }',
);

const LIMIT_REMEDY = "write { count: 50, per: '7 days' }";

const limitSchema = z.strictObject(
  {
    count: numberBetween(1, 1_000_000, 'a whole number').int('write a whole number'),
    per: z.union([z.string(), z.number()], LIMIT_REMEDY),
  },
  LIMIT_REMEDY,
);

/** The limits that a CA has published or granted. */
export const limitsSchema = z.union(
  [
    z.literal('none'),
    z.strictObject({
      newOrdersPerAccount: limitSchema.optional(),
      certificatesPerDomain: limitSchema.optional(),
      certificatesPerExactSet: limitSchema.optional(),
      failedAuthorizations: limitSchema.optional(),
      consecutiveFailures: limitSchema.optional(),
      renewalDays: numberBetween(0, 400, 'days').optional(),
      ariExempt: z.boolean('write true or false').optional(),
    }),
  ],
  "write limits such as { newOrdersPerAccount: { count: 300, per: '3 hours' } }, or 'none'",
);

/** What may be said of a CA that is built in. */
export const presetSchema = z.strictObject(
  {
    accountLabel: name.optional(),
    externalAccount: externalAccountSchema.optional(),
    limits: limitsSchema.optional(),
    preferredIssuer: text('write the common name of an issuer').optional(),
  },
  'write an object with accountLabel, externalAccount, limits or preferredIssuer: the rest is built in',
);

/** A CA that is no preset. */
export const caSchema = z.strictObject(
  {
    directoryUrl: text('write the https:// URL of the ACME directory', isHttpsUrl),
    environment,
    accountLabel: name.optional(),
    externalAccount: externalAccountSchema.optional(),
    rootsPem: pem.optional(),
    issuerRootsPem: pem.optional(),
    preferredIssuer: text('write the common name of an issuer').optional(),
    otherHosts: z
      .array(matching(/^[a-z0-9.-]+(:\d{1,5})?$/, 'write host or host:port'), 'write a list of hosts')
      .optional(),
    limits: limitsSchema.optional(),
  },
  'write an object with directoryUrl and environment',
);

const caUseSchema = z.union(
  [name, z.strictObject({ name, profile: profile.optional(), profileRequired: z.boolean().optional() })],
  'write the name of a CA, or { name, profile, profileRequired }',
);

/** One certificate. */
export const certificateSchema = z.strictObject(
  {
    name,
    domains: z.array(z.string('write a DNS name'), 'write a list of DNS names').min(1, 'name at least one domain'),
    cas: z.array(caUseSchema, 'write a list of CAs, the preferred first').min(1, 'name at least one CA'),
    keyType: z.enum(KEY_TYPES, `write one of ${KEY_TYPES.join(', ')}`).optional(),
    profile: profile.optional(),
    profileRequired: z.boolean('write true or false').optional(),
    targets: z
      .array(targetSchema, "write a list of targets such as { kind: 'acm' }")
      .min(1, "name at least one target, or leave it out for ACM in the stack's own region")
      .optional(),
    renewal: z.strictObject({ remainingShare: numberBetween(0.1, 0.9, 'a share').optional() }).optional(),
    retry: retrySchema.optional(),
  },
  'write an object with name, domains and cas',
);

const address = text('write an IP address, with or without a port: 10.0.0.2:53, [fd00::2]:53', isAddress);

const zoneSchema = z.strictObject(
  {
    name: z.string('write the name of the zone'),
    hostedZoneId: matching(
      /^Z[A-Z0-9]{1,31}$/,
      'write the id of the hosted zone as Route 53 shows it, such as Z0123456789ABC',
    ),
    roleArn: roleArn.optional(),
    externalId: externalId.optional(),
  },
  'write { name, hostedZoneId }, with roleArn and externalId where another account has the zone',
);

const dnsSchema = z.strictObject({
  zones: z.array(zoneSchema, 'write a list of zones').optional(),
  delegations: z.array(z.string('write a DNS name'), "write a list of names such as '*.acme.your.domain'").optional(),
  nameServers: z.record(z.string(), address, 'write an object of addresses by name server host').optional(),
  resolvers: z.array(address, 'write a list of addresses').min(1, 'name at least one, or leave it out').optional(),
});

const email = matching(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'write an e-mail address');

const ALERTS_REMEDY =
  "write { email: ['you@your.domain'] }, https or sqs with valid addresses, channels, or 'none' to be told nothing";

const alertsSchema = z.union(
  [
    z.literal('none'),
    z
      .strictObject({
        email: z.array(email).optional(),
        https: z.array(text('write an https:// URL', isHttpsUrl)).optional(),
        sqs: z.array(matching(/^arn:[a-z-]+:sqs:[^:]+:\d{12}:.+$/, 'write the ARN of a queue')).optional(),
        // Parsed by themselves: a mistake inside of a union would not be told where it is.
        channels: z.custom<ChannelsInput>(() => true).optional(),
      })
      .refine((told) => Object.values(told).some((ways) => Object.keys(ways ?? {}).length > 0), ALERTS_REMEDY),
  ],
  ALERTS_REMEDY,
);

/** Everything but the certificates and CAs, which are parsed one by one so that one mistake hides no other. */
export const settingsSchema = z.strictObject(
  {
    certificates: z.array(z.unknown(), 'write a list of certificates'),
    cas: z.record(z.string(), z.unknown(), 'write an object of CAs by name').optional(),
    contact: z.array(email, 'write a list of e-mail addresses').optional(),
    dns: dnsSchema.optional(),
    alerts: alertsSchema,
    retry: retrySchema.optional(),
    allowRetire: z.boolean('write true or false').optional(),
    acmImportQuota: numberBetween(1, 1_000_000, 'a whole number').int('write a whole number').optional(),
    watchRegion: region.optional(),
    checkInterval: z.union([z.string(), z.number()], "write '15 minutes' or a number of seconds").optional(),
  },
  'write an object with certificates and alerts',
);

export type CaInput = z.input<typeof caSchema> | z.input<typeof presetSchema>;
export type CertificateInput = z.input<typeof certificateSchema>;

/** What `perennial.config.ts` says; `docs/configuration.md` explains each field. */
export type PerennialConfig = Omit<z.input<typeof settingsSchema>, 'certificates' | 'cas'> & {
  readonly certificates: readonly CertificateInput[];
  readonly cas?: Readonly<Record<string, CaInput>>;
};

function isPemBundle(value: string): boolean {
  const blocks = value.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block)).length > 0;
  } catch {
    return false;
  }
}

function isAddress(value: string): boolean {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^[\]:]+))(?::(\d{1,5}))?$/.exec(value) ?? [];
  const ip = bracketed ?? plain ?? value;
  return isIP(ip) !== 0 && Number(port ?? 53) > 0 && Number(port ?? 53) < 65_536;
}
