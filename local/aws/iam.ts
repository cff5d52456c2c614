import { createPrivateKey, X509Certificate } from 'node:crypto';
import type {
  DeleteServerCertificateRequest,
  GetServerCertificateRequest,
  GetServerCertificateResponse,
  ServerCertificateMetadata,
  UploadServerCertificateRequest,
} from '@aws-sdk/client-iam';
import { AwsFault } from './fault.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

type Row = { readonly metadata: ServerCertificateMetadata; readonly body: string; readonly chain: string | undefined };

const UPLOAD_FIELDS = ['Path', 'ServerCertificateName', 'CertificateBody', 'PrivateKey', 'CertificateChain'] as const;
const NAME = /^[\w+=,.@-]{1,128}$/;
/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadServerCertificate.html */
const LONGEST_PEM = 16_384;
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const QUOTA = 20;

/**
 * AWS IAM's server certificates: immutable, named by who uploads them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html
 */
export class IamAccount implements FakeAccount {
  readonly #accountId: string;
  readonly #isUsed: (id: string) => boolean;
  readonly #rows = new Map<string, Row>();
  #made = 0;

  /** @param isUsed Whether a distribution serves the certificate of this id. */
  constructor(accountId: string, isUsed: (id: string) => boolean = () => false) {
    this.#accountId = accountId;
    this.#isUsed = isUsed;
  }

  /** Bodies by name. */
  certificates(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#rows].map(([name, { body }]) => [name, body]));
  }

  /** What CloudFront finds under an id: only what is below `/cloudfront/`. */
  seenByCloudFront(id: string): { body: string; domains: readonly string[]; usable: boolean } | undefined {
    const found = [...this.#rows.values()].find(({ metadata }) => metadata.ServerCertificateId === id);
    if (!found?.metadata.Path?.startsWith('/cloudfront/')) return undefined;
    const { body } = found;
    const names = new X509Certificate(body).subjectAltName ?? '';
    return { body, domains: names.split(', ').map((name) => name.replace(/^DNS:/, '')), usable: true };
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    switch (operation) {
      case 'UploadServerCertificate':
        return this.#upload(expectFields(input, UPLOAD_FIELDS));
      case 'GetServerCertificate':
        return this.#get(expectFields(input, ['ServerCertificateName']));
      case 'DeleteServerCertificate':
        return this.#delete(expectFields(input, ['ServerCertificateName']));
      default:
        throw new Error(`IamAccount does not know ${operation}; add it with its rules.`);
    }
  }

  #upload(request: UploadServerCertificateRequest): object {
    const {
      Path = '/',
      ServerCertificateName: name = '',
      CertificateBody: body = '',
      CertificateChain: chain,
    } = request;
    if (!NAME.test(name))
      throw new AwsFault('ValidationError', `The name ${name} has other characters or is too long.`);
    if (Math.max(body.length, chain?.length ?? 0) > LONGEST_PEM)
      throw new AwsFault('ValidationError', `A certificate or chain has at most ${LONGEST_PEM} characters.`);
    if (this.#rows.has(name))
      throw new AwsFault(
        'EntityAlreadyExistsException',
        `The Server Certificate with name ${name} already exists.`,
        409,
      );
    if (this.#rows.size >= QUOTA)
      throw new AwsFault(
        'LimitExceededException',
        `Cannot exceed quota for ServerCertificatesPerAccount: ${QUOTA}`,
        409,
      );
    judgePair(body, request.PrivateKey ?? '');
    this.#made += 1;
    const metadata: ServerCertificateMetadata = {
      Path,
      ServerCertificateName: name,
      ServerCertificateId: `ASCA${String(this.#made).padStart(17, '0')}`,
      Arn: `arn:aws:iam::${this.#accountId}:server-certificate${Path}${name}`,
    };
    this.#rows.set(name, { metadata, body, chain });
    return { ServerCertificateMetadata: metadata };
  }

  #get({ ServerCertificateName: name = '' }: GetServerCertificateRequest): GetServerCertificateResponse {
    const { metadata, body, chain } = this.#row(name);
    return {
      ServerCertificate: {
        ServerCertificateMetadata: metadata,
        CertificateBody: body,
        ...(chain !== undefined && { CertificateChain: chain }),
      },
    };
  }

  #delete({ ServerCertificateName: name = '' }: DeleteServerCertificateRequest): object {
    if (this.#isUsed(this.#row(name).metadata.ServerCertificateId ?? ''))
      throw new AwsFault('DeleteConflictException', `Certificate ${name} is currently in use.`, 409);
    this.#rows.delete(name);
    return {};
  }

  #row(name: string): Row {
    const row = this.#rows.get(name);
    if (row === undefined)
      throw new AwsFault('NoSuchEntityException', `The Server Certificate with name ${name} cannot be found.`, 404);
    return row;
  }
}

function judgePair(body: string, key: string): void {
  const blocks = body.match(/-----BEGIN CERTIFICATE-----/g) ?? [];
  if (blocks.length !== 1)
    throw new AwsFault('MalformedCertificateException', 'CertificateBody must be one certificate.', 400);
  if (!new X509Certificate(body).checkPrivateKey(createPrivateKey(key)))
    throw new AwsFault('KeyPairMismatchException', 'The certificate and the private key do not match.', 400);
}
