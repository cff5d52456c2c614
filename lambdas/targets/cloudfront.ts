import {
  type CloudFrontClient,
  type Distribution,
  type DistributionConfig,
  GetDistributionCommand,
  type MinimumProtocolVersion,
  UpdateDistributionCommand,
  type ViewerCertificate,
} from '@aws-sdk/client-cloudfront';
import { awsErrorFacts, awsFailure } from '../core/aws-failure.ts';
import { StepFailure } from '../core/failure.ts';
import type { CloudFrontPort, ViewedCertificate } from '../core/ports.ts';

/** Updates that another writer has overtaken, before the push is tried again later. */
const UPDATE_TRIES = 5;

/** A distribution as read, with the version that an update must name. */
type Read = { readonly distribution: Distribution; readonly config: DistributionConfig; readonly etag: string };

/**
 * CloudFront distributions, as far as their viewer certificate goes. An update replaces the whole configuration, so it is
 * read first and changed in nothing else, on condition that nobody has changed it meanwhile.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html
 */
export function createCloudFrontPort({ client }: { readonly client: CloudFrontClient }): CloudFrontPort {
  return { associate: (id, certificate, domains) => associate(client, id, certificate, domains) };
}

async function associate(
  client: CloudFrontClient,
  id: string,
  certificate: ViewedCertificate,
  domains: readonly string[],
): ReturnType<CloudFrontPort['associate']> {
  for (let attempt = 0; attempt < UPDATE_TRIES; attempt += 1) {
    const read = await readDistribution(client, id);
    if (serves(read.config, certificate)) return stateOf(read.distribution);
    refuseTenants(id, read.config);
    refuseUncovered(id, read.config, domains);
    const updated = await update(client, id, certificate, read);
    if (updated !== undefined) return stateOf(updated);
  }
  const message = `Distribution ${id} was changed by others ${UPDATE_TRIES} times while its certificate was to be set; it is tried again`;
  throw new StepFailure({ class: 'transient', code: 'PreconditionFailed', message });
}

function serves({ ViewerCertificate = {} }: DistributionConfig, certificate: ViewedCertificate): boolean {
  if ('acmArn' in certificate) return ViewerCertificate.ACMCertificateArn === certificate.acmArn;
  return ViewerCertificate.IAMCertificateId === certificate.iamCertificateId;
}

function nameOf(certificate: ViewedCertificate): string {
  return 'acmArn' in certificate ? certificate.acmArn : certificate.iamCertificateId;
}

function stateOf({ Status }: Distribution): { deployed: boolean } {
  return { deployed: Status === 'Deployed' };
}

async function readDistribution(client: CloudFrontClient, id: string): Promise<Read> {
  try {
    const { Distribution, ETag } = await client.send(new GetDistributionCommand({ Id: id }));
    if (Distribution?.DistributionConfig === undefined || ETag === undefined)
      throw new Error(`CloudFront answered without the configuration of ${id}`);
    return { distribution: Distribution, config: Distribution.DistributionConfig, etag: ETag };
  } catch (error) {
    throw awsFailure(error, `Reading distribution ${id}`, remedyFor(awsErrorFacts(error).name, id));
  }
}

/** The distribution as updated; undefined when it has been changed since it was read. */
async function update(
  client: CloudFrontClient,
  id: string,
  certificate: ViewedCertificate,
  { config, etag }: Read,
): Promise<Distribution | undefined> {
  const DistributionConfig = { ...config, ViewerCertificate: viewerCertificate(certificate, config.ViewerCertificate) };
  try {
    const command = new UpdateDistributionCommand({ Id: id, IfMatch: etag, DistributionConfig });
    return (await client.send(command)).Distribution;
  } catch (error) {
    const { name } = awsErrorFacts(error);
    if (name === 'PreconditionFailed' || name === 'InvalidIfMatchVersion') return undefined;
    throw updateFailure(error, id, certificate);
  }
}

function updateFailure(error: unknown, id: string, certificate: ViewedCertificate): StepFailure {
  const { name, message } = awsErrorFacts(error);
  const doing = `Setting the certificate of distribution ${id}`;
  // CloudFront may not see a certificate yet that was imported a moment ago; what else it means is seen as it repeats.
  if (name === 'InvalidViewerCertificate') {
    const said = `${doing} to ${nameOf(certificate)} failed: ${name}: ${message}. It is tried again; if that goes on, see that every alias of the distribution is a name of the certificate.`;
    return new StepFailure({ class: 'transient', code: name, message: said }, { cause: error });
  }
  return awsFailure(error, doing, remedyFor(name, id));
}

function remedyFor(name: string, id: string): string | undefined {
  if (name === 'NoSuchDistribution') return `Remove ${id} from the target's distributions, or create it.`;
  if (name === 'CNAMEAlreadyExists') return 'Remove the alias from the other distribution first.';
  return undefined;
}

/** Keeps what a person has chosen; the protocol of the default certificate, TLSv1, is no choice. */
function viewerCertificate(certificate: ViewedCertificate, before: ViewerCertificate | undefined): ViewerCertificate {
  const chosen = before?.CloudFrontDefaultCertificate === true ? undefined : before;
  const MinimumProtocolVersion: MinimumProtocolVersion = chosen?.MinimumProtocolVersion ?? 'TLSv1.2_2021';
  return {
    ...('acmArn' in certificate
      ? { ACMCertificateArn: certificate.acmArn }
      : { IAMCertificateId: certificate.iamCertificateId }),
    SSLSupportMethod: chosen?.SSLSupportMethod ?? 'sni-only',
    MinimumProtocolVersion,
    CloudFrontDefaultCertificate: false,
  };
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-config-options.html */
function refuseTenants(id: string, { ConnectionMode }: DistributionConfig): void {
  if (ConnectionMode !== 'tenant-only') return;
  const message = `Distribution ${id} is a multi-tenant one: its tenants have certificates of their own, which Perennial does not set. Remove it from the target's distributions.`;
  throw new StepFailure({ class: 'person', code: 'distributionTenants', message });
}

/** Told before it is sent: CloudFront's own refusal does not say which alias it means. */
function refuseUncovered(id: string, { Aliases }: DistributionConfig, domains: readonly string[]): void {
  const uncovered = (Aliases?.Items ?? []).filter((alias) => !domains.some((domain) => covers(domain, alias)));
  if (uncovered.length === 0) return;
  const message = `Distribution ${id} has aliases that the certificate does not cover: ${uncovered.join(', ')}. Add them to the certificate's domains, or remove them from the distribution.`;
  throw new StepFailure({ class: 'person', code: 'aliasNotCovered', message });
}

/** RFC 6125 section 6.4.3: a wildcard stands for one label. An alias that is a wildcard needs the same name. */
function covers(domain: string, alias: string): boolean {
  if (domain === alias.toLowerCase()) return true;
  return domain.startsWith('*.') && alias.toLowerCase().replace(/^[^.*]+/, '*') === domain;
}
