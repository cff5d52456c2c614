import type {
  AddTagsToCertificateRequest,
  CertificateDetail,
  CertificateStatus,
  CertificateSummary,
  DeleteCertificateRequest,
  DescribeCertificateRequest,
  DescribeCertificateResponse,
  GetCertificateRequest,
  GetCertificateResponse,
  ImportCertificateRequest,
  ImportCertificateResponse,
  KeyAlgorithm,
  ListCertificatesRequest,
  ListCertificatesResponse,
  ListTagsForCertificateRequest,
  ListTagsForCertificateResponse,
} from '@aws-sdk/client-acm';
import { type Imported, judgeImport, judgeReimport } from './acm-import.ts';
import { listTags, mergeTags } from './acm-tags.ts';
import { AwsFault } from './fault.ts';
import { uuidOf } from './resource-id.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

/** What an {@link AcmAccount} is, and where it is stricter or milder than by default. */
export type AcmAccountOptions = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly accountId: string;
  readonly region: string;
  /** Certificates a page of ListCertificates when the request names no MaxItems. Default 100. */
  readonly pageSize?: number;
  /** Imported certificates held at a time. Default 2,500. https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html */
  readonly certificateQuota?: number;
  /** Imports within 365 days. Default 5,000. Re-imports count: AWS does not say that they do not. */
  readonly yearlyImportQuota?: number;
  /** Accepts a leaf whose key is of another type than its CA's, which ACM documents as refused. Default false. */
  readonly anySigner?: boolean;
};

/** A certificate held by an {@link AcmAccount}, as the services that serve it see it. */
export type HeldCertificate = {
  readonly arn: string;
  readonly leafPem: string;
  /** Empty when the certificate is self-signed. */
  readonly chainPem: string;
  readonly privateKeyPem: string;
  readonly domains: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
};

type Row = {
  readonly arn: string;
  readonly createdAt: number;
  readonly importedAt: number;
  readonly imported: Imported;
  readonly tags: Readonly<Record<string, string>>;
  readonly inUseBy: readonly string[];
};

const YEAR_MS = 365 * 86_400_000;
const MOST_SUMMARY_NAMES = 100;
const DEFAULT_KEY_TYPES: readonly KeyAlgorithm[] = ['RSA_1024', 'RSA_2048'];
const ARN = /^arn:[\w+=/,.@-]+:acm:[\w+=/,.@-]*:[0-9]+:[\w+=,.@-]+(\/[\w+=,.@-]+)*$/;

/**
 * AWS Certificate Manager in one account and region, for imported certificates, with the rules that its documentation
 * names. It refuses what ACM refuses and throws on whatever it does not know.
 * https://docs.aws.amazon.com/acm/latest/APIReference/Welcome.html
 */
export class AcmAccount implements FakeAccount {
  readonly #options: AcmAccountOptions;
  readonly #rows = new Map<string, Row>();
  readonly #listeners = new Set<() => void>();
  #importTimes: number[] = [];
  #created = 0;

  constructor(options: AcmAccountOptions) {
    this.#options = options;
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    switch (operation) {
      case 'ImportCertificate':
        return this.#import(expectFields(input, IMPORT_FIELDS));
      case 'DescribeCertificate':
        return this.#describe(expectFields(input, ARN_FIELD));
      case 'GetCertificate':
        return this.#get(expectFields(input, ARN_FIELD));
      case 'ListCertificates':
        return this.#list(expectFields(input, LIST_FIELDS));
      case 'ListTagsForCertificate':
        return this.#listTags(expectFields(input, ARN_FIELD));
      case 'AddTagsToCertificate':
        return this.#addTags(expectFields(input, ['CertificateArn', 'Tags']));
      case 'DeleteCertificate':
        return this.#delete(expectFields(input, ARN_FIELD));
      default:
        throw new Error(`AcmAccount does not know ${operation}; add it with its rules.`);
    }
  }

  /** What is held, oldest first. */
  certificates(): HeldCertificate[] {
    return [...this.#rows.values()].map(({ arn, imported, tags }) => ({
      arn,
      leafPem: imported.leafPem,
      chainPem: imported.chainPem,
      privateKeyPem: imported.privateKeyPem,
      domains: imported.leaf.domains,
      tags,
    }));
  }

  /** What CloudFront makes of an ARN: it takes RSA and P-256 keys. Undefined when nothing is held there. */
  seenByCloudFront(arn: string): { domains: readonly string[]; usable: boolean } | undefined {
    const leaf = this.#rows.get(arn)?.imported.leaf;
    return leaf && { domains: leaf.domains, usable: /^RSA|prime256v1/.test(leaf.keyAlgorithm ?? '') };
  }

  /** Calls `listener` after each import, re-import and deletion. The answer ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Says which resources serve a certificate: its InUseBy. Not an operation of ACM; load balancers and others do this. */
  setInUseBy(arn: string, resourceArns: readonly string[]): void {
    this.#rows.set(arn, { ...this.#rowOf(arn), inUseBy: resourceArns });
  }

  #import(request: ImportCertificateRequest): ImportCertificateResponse {
    const now = this.#options.now();
    const installed = request.CertificateArn === undefined ? undefined : this.#rowOf(request.CertificateArn);
    if (installed && request.Tags) {
      throw new AwsFault('ValidationException', 'Tags cannot be given at a re-import; use AddTagsToCertificate.');
    }
    const imported = judgeImport(request, { now, anySigner: this.#options.anySigner ?? false });
    if (installed) judgeReimport(installed.imported.leaf, imported.leaf);
    const tags = installed?.tags ?? (request.Tags ? mergeTags({}, request.Tags) : {});
    this.#countImport(now, installed === undefined);
    const row = installed ?? { arn: this.#newArn(), createdAt: now, inUseBy: [] };
    this.#rows.set(row.arn, { ...row, imported, tags, importedAt: now });
    this.#changed();
    return { CertificateArn: row.arn };
  }

  // https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html
  #describe(request: DescribeCertificateRequest): DescribeCertificateResponse {
    return { Certificate: detailOf(this.#rowOf(request.CertificateArn), this.#options.now()) };
  }

  // https://docs.aws.amazon.com/acm/latest/APIReference/API_GetCertificate.html
  #get(request: GetCertificateRequest): GetCertificateResponse {
    const { imported } = this.#rowOf(request.CertificateArn);
    const chain = imported.chainPem === '' ? {} : { CertificateChain: imported.chainPem };
    return { Certificate: imported.leafPem, ...chain };
  }

  // https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html
  #list(request: ListCertificatesRequest): ListCertificatesResponse {
    checkListRequest(request);
    const now = this.#options.now();
    const matching = [...this.#rows.values()].filter((row) => isListed(row, request, now));
    const from = this.#offsetOf(request.NextToken);
    const to = from + (request.MaxItems ?? this.#options.pageSize ?? 100);
    const page = { CertificateSummaryList: matching.slice(from, to).map((row) => summaryOf(row, now)) };
    return to < matching.length ? { ...page, NextToken: `offset-${to}` } : page;
  }

  // https://docs.aws.amazon.com/acm/latest/APIReference/API_ListTagsForCertificate.html
  #listTags(request: ListTagsForCertificateRequest): ListTagsForCertificateResponse {
    return { Tags: listTags(this.#rowOf(request.CertificateArn).tags) };
  }

  // https://docs.aws.amazon.com/acm/latest/APIReference/API_AddTagsToCertificate.html
  #addTags(request: AddTagsToCertificateRequest): object {
    const row = this.#rowOf(request.CertificateArn);
    this.#rows.set(row.arn, { ...row, tags: mergeTags(row.tags, request.Tags ?? []) });
    return {};
  }

  // https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html
  #delete(request: DeleteCertificateRequest): object {
    const row = this.#rowOf(request.CertificateArn);
    if (row.inUseBy.length > 0) {
      throw new AwsFault('ResourceInUseException', `${row.arn} is in use by ${row.inUseBy.join(', ')}.`);
    }
    this.#rows.delete(row.arn);
    this.#changed();
    return {};
  }

  #rowOf(arn: string | undefined): Row {
    if (arn === undefined || !ARN.test(arn)) {
      throw new AwsFault('ValidationException', `CertificateArn "${arn}" is no ARN of ACM.`);
    }
    if (!/:certificate\//.test(arn)) throw new AwsFault('InvalidArnException', `${arn} names no certificate.`);
    const row = this.#rows.get(arn);
    if (!row) throw new AwsFault('ResourceNotFoundException', `Could not find certificate ${arn}.`);
    return row;
  }

  #countImport(now: number, isNew: boolean): void {
    const recent = this.#importTimes.filter((time) => time > now - YEAR_MS);
    if (recent.length >= (this.#options.yearlyImportQuota ?? 5000)) {
      throw new AwsFault('LimitExceededException', 'The quota of imports within 365 days is reached.');
    }
    if (isNew && this.#rows.size >= (this.#options.certificateQuota ?? 2500)) {
      throw new AwsFault('LimitExceededException', 'The quota of imported certificates is reached.');
    }
    this.#importTimes = [...recent, now];
  }

  #newArn(): string {
    const { accountId, region } = this.#options;
    this.#created += 1;
    return `arn:aws:acm:${region}:${accountId}:certificate/${uuidOf(`${accountId} ${region} acm ${this.#created}`)}`;
  }

  #offsetOf(token: string | undefined): number {
    if (token === undefined) return 0;
    const offset = /^offset-(\d+)$/.exec(token)?.[1];
    if (offset === undefined) throw new AwsFault('ValidationException', `NextToken "${token}" is none of ours.`);
    return Number(offset);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

const ARN_FIELD = ['CertificateArn'] as const;
const IMPORT_FIELDS = ['CertificateArn', 'Certificate', 'PrivateKey', 'CertificateChain', 'Tags'] as const;
const LIST_FIELDS = ['CertificateStatuses', 'Includes', 'NextToken', 'MaxItems', 'SortBy', 'SortOrder'] as const;

function checkListRequest(request: ListCertificatesRequest): void {
  if (request.Includes) expectFields(request.Includes, ['keyTypes']);
  if ((request.SortBy === undefined) !== (request.SortOrder === undefined)) {
    throw new AwsFault('ValidationException', 'SortBy and SortOrder must be given together.');
  }
  if (request.SortOrder === 'DESCENDING') throw new Error('AcmAccount lists oldest first only; add the other order.');
  const most = request.MaxItems ?? 1;
  if (most < 1 || most > 1000) throw new AwsFault('ValidationException', 'MaxItems must be 1 to 1,000.');
}

/** Without a filter only RSA_1024 and RSA_2048 are listed. */
function isListed(row: Row, request: ListCertificatesRequest, now: number): boolean {
  const { keyAlgorithm } = row.imported.leaf;
  const keyTypes = request.Includes?.keyTypes ?? DEFAULT_KEY_TYPES;
  const isAskedStatus = request.CertificateStatuses?.includes(statusOf(row, now)) ?? true;
  return isAskedStatus && keyTypes.some((type) => type === keyAlgorithm);
}

function statusOf(row: Row, now: number): CertificateStatus {
  return now >= row.imported.leaf.certificate.validToDate.getTime() ? 'EXPIRED' : 'ISSUED';
}

function commonFields(row: Row, now: number) {
  const { leaf } = row.imported;
  return {
    CertificateArn: row.arn,
    ...(leaf.domains[0] === undefined ? {} : { DomainName: leaf.domains[0] }),
    Status: statusOf(row, now),
    Type: 'IMPORTED',
    ...(leaf.keyAlgorithm ? { KeyAlgorithm: leaf.keyAlgorithm } : {}),
    NotBefore: leaf.certificate.validFromDate,
    NotAfter: leaf.certificate.validToDate,
    CreatedAt: new Date(row.createdAt),
    ImportedAt: new Date(row.importedAt),
    RenewalEligibility: 'INELIGIBLE',
  } as const;
}

// https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html
function detailOf(row: Row, now: number): CertificateDetail {
  const { certificate, domains, keyUsages, extendedKeyUsages } = row.imported.leaf;
  return {
    ...commonFields(row, now),
    SubjectAlternativeNames: [...domains],
    Serial: colonHex(certificate.serialNumber),
    Subject: lineOf(certificate.subject),
    Issuer: lineOf(certificate.issuer),
    ...(certificate.signatureAlgorithm ? { SignatureAlgorithm: certificate.signatureAlgorithm } : {}),
    KeyUsages: (keyUsages ?? []).map((Name) => ({ Name })),
    ExtendedKeyUsages: [...(extendedKeyUsages ?? [])],
    InUseBy: [...row.inUseBy],
  };
}

// https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateSummary.html
function summaryOf(row: Row, now: number): CertificateSummary {
  const { domains, keyUsages, extendedKeyUsages } = row.imported.leaf;
  return {
    ...commonFields(row, now),
    SubjectAlternativeNameSummaries: domains.slice(0, MOST_SUMMARY_NAMES),
    HasAdditionalSubjectAlternativeNames: domains.length > MOST_SUMMARY_NAMES,
    KeyUsages: [...(keyUsages ?? [])],
    ExtendedKeyUsages: (extendedKeyUsages ?? []).flatMap(({ Name }) => Name ?? []),
    InUse: row.inUseBy.length > 0,
  };
}

/** `A1B2` as `a1:b2`. */
function colonHex(serial: string): string {
  return (serial.toLowerCase().match(/../g) ?? []).join(':');
}

/** node:crypto puts each part of a name on a line of its own; a name may be empty, then it is undefined. */
function lineOf(name: string | undefined): string {
  return (name ?? '').replaceAll('\n', ',');
}
