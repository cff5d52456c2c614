import type { z } from 'zod';
import { type CertificateDeclaration, sha256Hex } from '../../lambdas/core/declaration.ts';
import { DEFAULT_RETRY } from '../../lambdas/core/retry-policy.ts';
import { refuseTooManyImports } from './acm-imports.ts';
import { resolveChannels } from './alert-channels.ts';
import { secondsOf } from './duration.ts';
import { parsePart } from './parse.ts';
import { SHORT_PROFILES } from './presets.ts';
import { Problems } from './problems.ts';
import { resolveCas } from './resolve-cas.ts';
import { resolveCertificate } from './resolve-certificate.ts';
import { resolveDns } from './resolve-dns.ts';
import { resolveRetry } from './resolve-retry.ts';
import type { AlertSubscriptions, DnsSettings, ResolvedConfig } from './resolved.ts';
import { settingsSchema } from './schema.ts';
import { refuseSharedPlaces } from './shared-places.ts';

type Settings = z.output<typeof settingsSchema>;

const DEFAULT_CHECK_INTERVAL = '15 minutes';
const SHORTEST_INTERVAL = 300;
const LONGEST_INTERVAL = 6 * 3600;
const LONGEST_INTERVAL_OF_SHORT_PROFILES = 3600;

/** Validates a configuration and fills in every default. Throws a {@link ConfigError} that names all problems at once. */
export function resolveConfig(input: unknown): ResolvedConfig {
  const problems = new Problems();
  const settings = parsePart(settingsSchema, input, [], problems) ?? lenient(input);
  const dns = resolveDns(settings.dns, problems);
  const declarations = resolveCertificates(settings, dns, problems);
  refuseTooManyImports(declarations, settings.acmImportQuota, problems);
  const checkIntervalSeconds = resolveInterval(settings.checkInterval, declarations, problems);
  const alerts = resolveAlerts(settings.alerts, problems);
  refuseMuteWatch(settings.watchRegion, alerts, problems);
  problems.throwIfAny();
  return {
    declarations,
    checkIntervalSeconds,
    dns,
    alerts,
    ...(settings.allowRetire === true && { allowRetire: true }),
    ...(settings.acmImportQuota !== undefined && { acmImportQuota: settings.acmImportQuota }),
    ...(settings.watchRegion !== undefined && { watchRegion: settings.watchRegion }),
  };
}

/** What can be judged further although something beside it was refused. */
function lenient(input: unknown): Settings {
  const part = (key: string): unknown =>
    typeof input === 'object' && input !== null ? Reflect.get(input, key) : undefined;
  const certificates = part('certificates');
  const cas = part('cas');
  const interval = part('checkInterval');
  return {
    certificates: Array.isArray(certificates) ? certificates : [],
    cas: typeof cas === 'object' && cas !== null ? { ...cas } : {},
    alerts: 'none',
    ...((typeof interval === 'string' || typeof interval === 'number') && { checkInterval: interval }),
  };
}

function resolveCertificates(
  settings: Settings,
  dns: DnsSettings,
  problems: Problems,
): readonly CertificateDeclaration[] {
  const known = resolveCas(settings.cas ?? {}, settings.contact ?? [], problems);
  const retry = resolveRetry(settings.retry, DEFAULT_RETRY, ['retry'], problems);
  const defaults = { known, retry, ...(Object.keys(dns).length > 0 && { dns: sha256Hex(JSON.stringify(dns)) }) };
  const declarations: CertificateDeclaration[] = [];
  const positions: number[] = [];
  for (const [at, input] of settings.certificates.entries()) {
    const declaration = resolveCertificate(input, ['certificates', at], defaults, problems);
    if (declaration === undefined) continue;
    if (declarations.some(({ name }) => name === declaration.name)) {
      problems.add(['certificates', at, 'name'], declaration.name, 'give each certificate a name of its own');
    }
    declarations.push(declaration);
    positions.push(at);
  }
  refuseSharedPlaces(declarations, positions, problems);
  return declarations;
}

function resolveInterval(
  written: string | number | undefined,
  declarations: readonly CertificateDeclaration[],
  problems: Problems,
): number {
  const seconds = secondsOf(written ?? DEFAULT_CHECK_INTERVAL);
  const short = declarations.find(({ cas }) => cas.some(({ profile }) => SHORT_PROFILES.includes(profile ?? '')));
  const longest = short === undefined ? LONGEST_INTERVAL : LONGEST_INTERVAL_OF_SHORT_PROFILES;
  const isWholeMinutes = seconds !== undefined && seconds % 60 === 0;
  if (isWholeMinutes && seconds >= SHORTEST_INTERVAL && seconds <= longest) return seconds;
  const range = `write whole minutes from '5 minutes' to '${longest / 3600} hour${longest === 3600 ? '' : 's'}', or their seconds`;
  const because = short === undefined ? '' : `, because the certificates of ${short.name} live for days only`;
  problems.add(['checkInterval'], written, `${range}${because}`);
  return SHORTEST_INTERVAL;
}

function resolveAlerts(alerts: Settings['alerts'], problems: Problems): AlertSubscriptions {
  const { email = [], https = [], sqs = [], channels: written } = alerts === 'none' ? {} : alerts;
  const channels = resolveChannels(written, ['alerts', 'channels'], problems);
  return { email, https, sqs, ...(channels.length > 0 && { channels }) };
}

/** The channels are the first stack's: their secrets and queues are in its region. */
function refuseMuteWatch(watchRegion: string | undefined, alerts: AlertSubscriptions, problems: Problems): void {
  if (watchRegion === undefined || [...alerts.email, ...alerts.https, ...alerts.sqs].length > 0) return;
  problems.add(
    ['watchRegion'],
    watchRegion,
    'write somebody into alerts.email, https or sqs: the second watch tells by SNS alone',
  );
}
