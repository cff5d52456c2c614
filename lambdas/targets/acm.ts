import { createHash, X509Certificate } from 'node:crypto';
import {
  type ACMClient,
  type CertificateSummary,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  GetCertificateCommand,
  ImportCertificateCommand,
  type ImportCertificateCommandInput,
  KeyAlgorithm,
  ListTagsForCertificateCommand,
  paginateListCertificates,
} from '@aws-sdk/client-acm';
import { awsErrorFacts, awsFailure } from '../core/aws-failure.ts';
import type { KeyType } from '../core/declaration.ts';
import { StepFailure } from '../core/failure.ts';
import type { AcmPort, PushBundle } from '../core/ports.ts';
import { OWNER_TAG } from './owner-tag.ts';

/**
 * What the port's client must be made with. ImportCertificate without an ARN makes a new certificate each time, so nothing
 * may send it again before {@link AcmPort.find} has looked: an SDK that repeats a lost answer by itself would leave an orphan.
 */
export const ACM_CLIENT_SETTINGS = { maxAttempts: 1 } as const;

type Owner = { readonly table: string; readonly certificate: string; readonly target: string };

/**
 * Certificates in ACM, in the region of a client made with {@link ACM_CLIENT_SETTINGS}. Throttling, conflicts and 5xx are
 * thrown as `transient`, quotas, permissions and what ACM refuses as `person`.
 * https://docs.aws.amazon.com/acm/latest/userguide/import-certificate.html
 */
export function createAcmPort({ client, table }: { readonly client: ACMClient; readonly table: string }): AcmPort {
  return {
    describe: (arn) => describe(client, arn),
    inspect: (arn) => inspect(client, arn),
    importCertificate: (bundle, owner, arn) => importCertificate(client, bundle, { ...owner, table }, arn),
    find: (owner, domains, known = []) => find(client, { ...owner, table }, domains, known),
    remove: (arn) => remove(client, arn),
  };
}

const NOT_FOUND = 'ResourceNotFoundException';

async function describe(client: ACMClient, arn: string): ReturnType<AcmPort['describe']> {
  try {
    const { Certificate } = await client.send(new GetCertificateCommand({ CertificateArn: arn }));
    return identityOf(Certificate ?? '', arn);
  } catch (error) {
    if (awsErrorFacts(error).name === NOT_FOUND) return undefined;
    throw awsFailure(error, `Reading ${arn}`);
  }
}

/** ACM's names of our key types. https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html */
const KEY_TYPES: Readonly<Record<string, KeyType>> = {
  EC_prime256v1: 'ecdsa-p256',
  EC_secp384r1: 'ecdsa-p384',
  RSA_2048: 'rsa-2048',
  RSA_3072: 'rsa-3072',
  RSA_4096: 'rsa-4096',
};

async function inspect(client: ACMClient, arn: string): ReturnType<AcmPort['inspect']> {
  const held = await describe(client, arn);
  if (held === undefined) return undefined;
  try {
    const { Certificate } = await client.send(new DescribeCertificateCommand({ CertificateArn: arn }));
    const { Type = '', KeyAlgorithm: algorithm = '', InUseBy = [] } = Certificate ?? {};
    return { ...held, type: Type, keyType: KEY_TYPES[algorithm.replace('-', '_')], inUseBy: InUseBy };
  } catch (error) {
    if (awsErrorFacts(error).name === NOT_FOUND) return undefined;
    throw awsFailure(error, `Reading ${arn}`);
  }
}

/** The DER decides: fields that ACM derives from it, such as the serial, are written in more than one way. */
function identityOf(pem: string, arn: string): { sha256: string; notBefore: number; notAfter: number } {
  try {
    const leaf = new X509Certificate(pem);
    return {
      sha256: createHash('sha256').update(leaf.raw).digest('hex'),
      notBefore: leaf.validFromDate.getTime(),
      notAfter: leaf.validToDate.getTime(),
    };
  } catch {
    const message = `${arn} holds no X.509 certificate. Delete it, or take its ARN away from this target.`;
    throw new StepFailure({ class: 'person', code: 'acmCertificateUnreadable', message });
  }
}

async function importCertificate(client: ACMClient, bundle: PushBundle, owner: Owner, arn?: string): Promise<string> {
  try {
    const command = new ImportCertificateCommand(importRequest(bundle, owner, arn));
    const { CertificateArn } = await client.send(command);
    return CertificateArn ?? '';
  } catch (error) {
    throw importFailure(error, owner, arn);
  }
}

/** Tags are refused at a re-import, and a chain may not be empty. */
function importRequest(bundle: PushBundle, owner: Owner, arn: string | undefined): ImportCertificateCommandInput {
  const place = arn === undefined ? { Tags: [{ Key: OWNER_TAG, Value: ownerValue(owner) }] } : { CertificateArn: arn };
  const chain = bundle.intermediatesPem === '' ? {} : { CertificateChain: Buffer.from(bundle.intermediatesPem) };
  return {
    Certificate: Buffer.from(bundle.leafPem),
    PrivateKey: Buffer.from(bundle.privateKeyPem),
    ...chain,
    ...place,
  };
}

function importFailure(error: unknown, owner: Owner, arn: string | undefined): StepFailure {
  const { name, message } = awsErrorFacts(error);
  const doing = `Importing certificate ${owner.certificate} for target ${owner.target} into ${arn ?? 'ACM'}`;
  if (name === NOT_FOUND) {
    const gone = `${doing} failed: it was deleted meanwhile (${message}); it is imported anew.`;
    return new StepFailure({ class: 'transient', code: name, message: gone }, { cause: error });
  }
  return awsFailure(error, doing, remedyFor(name, arn));
}

function remedyFor(name: string, arn: string | undefined): string | undefined {
  if (name === 'LimitExceededException') {
    return 'Delete imported certificates that are no longer used, or ask for a higher ACM quota in Service Quotas.';
  }
  if (name === 'ValidationException' && arn !== undefined) {
    return `ACM keeps key type, key size and key usages of an ARN: where one of them changed, declare a new target, use its ARN wherever ${arn} is used, then remove this target.`;
  }
  return undefined;
}

async function find(
  client: ACMClient,
  owner: Owner,
  domains: readonly string[],
  known: readonly string[],
): Promise<string | undefined> {
  const wanted = new Set(domains);
  try {
    // Without key types ACM lists RSA 1024 and 2048 only.
    const Includes = { keyTypes: Object.values(KeyAlgorithm) };
    for await (const page of paginateListCertificates({ client }, { Includes })) {
      for (const summary of page.CertificateSummaryList ?? []) {
        if (known.includes(summary.CertificateArn ?? '')) continue;
        if (await isOwned(client, summary, owner, wanted)) return summary.CertificateArn;
      }
    }
    return undefined;
  } catch (error) {
    throw awsFailure(error, `Looking in ACM for certificate ${owner.certificate} of target ${owner.target}`);
  }
}

async function remove(client: ACMClient, arn: string): Promise<boolean> {
  try {
    await client.send(new DeleteCertificateCommand({ CertificateArn: arn }));
    return true;
  } catch (error) {
    const { name } = awsErrorFacts(error);
    if (name === NOT_FOUND) return true;
    if (name === 'ResourceInUseException') return false;
    throw awsFailure(error, `Deleting ${arn}, which another certificate has superseded,`);
  }
}

/** Names first: they are in the list, while each look at tags is a request. */
async function isOwned(
  client: ACMClient,
  summary: CertificateSummary,
  owner: Owner,
  wanted: ReadonlySet<string>,
): Promise<boolean> {
  const names = new Set(await namesOf(client, summary));
  if (names.size !== wanted.size || ![...names].every((name) => wanted.has(name))) return false;
  const { CertificateArn } = summary;
  const { Tags = [] } = await client.send(new ListTagsForCertificateCommand({ CertificateArn }));
  return Tags.some((tag) => tag.Key === OWNER_TAG && tag.Value === ownerValue(owner));
}

/** The list shows the first 100 names only. */
async function namesOf(client: ACMClient, summary: CertificateSummary): Promise<readonly string[]> {
  const { CertificateArn, SubjectAlternativeNameSummaries: shown } = summary;
  if (shown && !summary.HasAdditionalSubjectAlternativeNames) return shown;
  const { Certificate } = await client.send(new DescribeCertificateCommand({ CertificateArn }));
  return Certificate?.SubjectAlternativeNames ?? [];
}

function ownerValue({ table, certificate, target }: Owner): string {
  return `${table}/${certificate}/${target}`;
}
