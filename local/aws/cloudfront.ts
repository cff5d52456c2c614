import { isDeepStrictEqual } from 'node:util';
import type {
  Distribution,
  DistributionConfig,
  GetDistributionRequest,
  GetDistributionResult,
  UpdateDistributionRequest,
  UpdateDistributionResult,
  ViewerCertificate,
} from '@aws-sdk/client-cloudfront';
import { AwsFault } from './fault.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

/** What a {@link CloudFrontAccount} needs to know. */
export type CloudFrontOptions = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly accountId: string;
  /** Names of the certificate that an ACM ARN in us-east-1 holds, and whether CloudFront takes its key; undefined when there is none. */
  readonly certificate: (arn: string) => { readonly domains: readonly string[]; readonly usable: boolean } | undefined;
  /** Names of the server certificate of IAM that has this id, as {@link certificate}. Default: there is none. */
  readonly serverCertificate?: CloudFrontOptions['certificate'];
  /** How long an update takes to be everywhere, milliseconds. Default 180,000. */
  readonly deployMs?: number;
};

type Row = { readonly config: DistributionConfig; readonly version: number; readonly changedAt: number };

const ARN = /^arn:[\w-]+:acm:us-east-1:\d{12}:certificate\/[\w-]+$/;

/**
 * Amazon CloudFront's distributions, as far as their viewer certificate goes, with the rules that its documentation names.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html
 */
export class CloudFrontAccount implements FakeAccount {
  readonly #options: CloudFrontOptions;
  readonly #rows = new Map<string, Row>();

  constructor(options: CloudFrontOptions) {
    this.#options = options;
  }

  /** Makes a distribution that serves CloudFront's own certificate; its id. */
  createDistribution(aliases: readonly string[], changes: Partial<DistributionConfig> = {}): string {
    const id = `E${String(this.#rows.size + 1).padStart(13, '0')}`;
    const config: DistributionConfig = {
      CallerReference: id,
      Aliases: { Quantity: aliases.length, Items: [...aliases] },
      Comment: 'made by somebody else',
      DefaultCacheBehavior: { TargetOriginId: 'origin', ViewerProtocolPolicy: 'redirect-to-https' },
      Enabled: true,
      Origins: { Quantity: 1, Items: [{ Id: 'origin', DomainName: 'origin.test' }] },
      ViewerCertificate: { CloudFrontDefaultCertificate: true, MinimumProtocolVersion: 'TLSv1' },
      ...changes,
    };
    this.#rows.set(id, { config, version: 1, changedAt: Number.NEGATIVE_INFINITY });
    return id;
  }

  /** The configuration of a distribution. */
  config(id: string): DistributionConfig {
    return this.#rowOf(id).config;
  }

  /** Whether a distribution names this ARN or id. */
  names(certificate: string): boolean {
    return [...this.#rows.values()].some(({ config: { ViewerCertificate = {} } }) =>
      [ViewerCertificate.ACMCertificateArn, ViewerCertificate.IAMCertificateId].includes(certificate),
    );
  }

  /** A change by somebody else: the version that was read before is no longer the latest. */
  touch(id: string, comment: string): void {
    const row = this.#rowOf(id);
    this.#rows.set(id, { ...row, config: { ...row.config, Comment: comment }, version: row.version + 1 });
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    switch (operation) {
      case 'GetDistribution':
        return this.#get(expectFields(input, ['Id']));
      case 'UpdateDistribution':
        return this.#update(expectFields(input, ['Id', 'IfMatch', 'DistributionConfig']));
      default:
        throw new Error(`CloudFrontAccount does not know ${operation}; add it with its rules.`);
    }
  }

  #get({ Id = '' }: GetDistributionRequest): GetDistributionResult {
    const row = this.#rowOf(Id);
    return { Distribution: this.#shown(Id, row), ETag: etagOf(row) };
  }

  #update({ Id = '', IfMatch, DistributionConfig: config }: UpdateDistributionRequest): UpdateDistributionResult {
    const row = this.#rowOf(Id);
    if (IfMatch === undefined) throw new AwsFault('InvalidIfMatchVersion', 'The If-Match version is missing.');
    if (IfMatch !== etagOf(row))
      throw new AwsFault('PreconditionFailed', 'The request failed because it didn’t meet the preconditions.', 412);
    if (config === undefined) throw new AwsFault('MissingBody', 'DistributionConfig is required.');
    refuseLostFields(row.config, config);
    this.#judge(config.ViewerCertificate ?? {}, config.Aliases?.Items ?? []);
    const isSame = isDeepStrictEqual(row.config, config);
    const changed = isSame ? row : { config, version: row.version + 1, changedAt: this.#options.now() };
    this.#rows.set(Id, changed);
    return { Distribution: this.#shown(Id, changed), ETag: etagOf(changed) };
  }

  /** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html */
  #judge(viewer: ViewerCertificate, aliases: readonly string[]): void {
    if (viewer.CloudFrontDefaultCertificate === true) return;
    const { ACMCertificateArn: arn, IAMCertificateId: id, SSLSupportMethod, MinimumProtocolVersion } = viewer;
    if ((arn === undefined) === (id === undefined))
      throw new AwsFault('InvalidArgument', 'Name one of ACMCertificateArn, IAMCertificateId and the default.');
    if (SSLSupportMethod === undefined || MinimumProtocolVersion === undefined)
      throw new AwsFault(
        'InvalidArgument',
        'SSLSupportMethod and MinimumProtocolVersion are required with a certificate.',
      );
    if (arn !== undefined && !ARN.test(arn))
      throw invalidViewerCertificate('The specified SSL certificate doesn’t exist, isn’t in us-east-1 region.');
    const held = arn === undefined ? this.#options.serverCertificate?.(id ?? '') : this.#options.certificate(arn);
    if (held === undefined || !held.usable)
      throw invalidViewerCertificate('The certificate doesn’t exist, isn’t valid, or has a key that is not supported.');
    if (!aliases.every((alias) => held.domains.some((domain) => covers(domain, alias))))
      throw invalidViewerCertificate('The certificate doesn’t cover an alternate domain name of the distribution.');
  }

  #shown(id: string, row: Row): Distribution {
    const since = this.#options.now() - row.changedAt;
    return {
      Id: id,
      ARN: `arn:aws:cloudfront::${this.#options.accountId}:distribution/${id}`,
      Status: since >= (this.#options.deployMs ?? 180_000) ? 'Deployed' : 'InProgress',
      LastModifiedTime: new Date(0),
      InProgressInvalidationBatches: 0,
      DomainName: `${id.toLowerCase()}.cloudfront.net`,
      DistributionConfig: structuredClone(row.config),
    };
  }

  #rowOf(id: string): Row {
    const row = this.#rows.get(id);
    if (row === undefined) throw new AwsFault('NoSuchDistribution', 'The specified distribution does not exist.', 404);
    return row;
  }
}

function etagOf({ version }: Row): string {
  return `E${version}`;
}

/** An update replaces everything: a field that is left out is lost, and some may not change. */
function refuseLostFields(before: DistributionConfig, after: DistributionConfig): void {
  if (after.CallerReference !== before.CallerReference)
    throw new AwsFault('IllegalUpdate', 'CallerReference cannot be changed.');
  const lost = Object.keys(before).filter((field) => Reflect.get(after, field) === undefined);
  if (lost.length > 0) throw new AwsFault('MissingBody', `The configuration lacks ${lost.join(', ')}.`);
}

function invalidViewerCertificate(message: string): AwsFault {
  return new AwsFault('InvalidViewerCertificate', message);
}

function covers(domain: string, alias: string): boolean {
  return domain === alias || (domain.startsWith('*.') && alias.split('.').slice(1).join('.') === domain.slice(2));
}
