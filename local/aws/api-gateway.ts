import type { DomainName, EndpointType, PatchOperation, UpdateDomainNameRequest } from '@aws-sdk/client-api-gateway';
import { AwsFault } from './fault.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

type Row = { readonly endpoint: EndpointType; readonly arn: string; readonly status: string };

/**
 * API Gateway for REST APIs: custom domain names and the certificate that each has.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateDomainName.html
 */
export class RestApiAccount implements FakeAccount {
  readonly #rows = new Map<string, Row>();

  createDomainName(name: string, endpoint: EndpointType, arn: string): void {
    this.#rows.set(name, { endpoint, arn, status: 'AVAILABLE' });
  }

  /** ARN of the certificate that a domain name has. */
  certificateArn(name: string): string {
    return this.#row(name).arn;
  }

  /** Has it say another status. */
  setStatus(name: string, status: string): void {
    this.#rows.set(name, { ...this.#row(name), status });
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    switch (operation) {
      case 'GetDomainName':
        return this.#shown(expectFields<{ domainName: string }>(input, ['domainName']).domainName);
      case 'UpdateDomainName':
        return this.#update(expectFields(input, ['domainName', 'patchOperations']));
      default:
        throw new Error(`RestApiAccount does not know ${operation}; add it with its rules.`);
    }
  }

  #update({ domainName = '', patchOperations = [] }: UpdateDomainNameRequest): DomainName {
    const row = this.#row(domainName);
    const [only, ...others] = patchOperations;
    if (only === undefined || others.length > 0) throw new Error('RestApiAccount takes one patch operation.');
    this.#rows.set(domainName, { ...row, arn: arnOf(row, only) });
    return this.#shown(domainName);
  }

  #shown(name: string): DomainName {
    const { endpoint, arn, status } = this.#row(name);
    return {
      domainName: name,
      ...(endpoint === 'EDGE' ? { certificateArn: arn } : { regionalCertificateArn: arn }),
      domainNameStatus: status as NonNullable<DomainName['domainNameStatus']>,
      endpointConfiguration: { types: [endpoint] },
    };
  }

  #row(name: string): Row {
    const row = this.#rows.get(name);
    if (row === undefined) throw new AwsFault('NotFoundException', 'Invalid domain name identifier specified', 404);
    return row;
  }
}

/** https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateDomainName-Patch */
function arnOf({ endpoint }: Row, { op, path, value = '' }: PatchOperation): string {
  const wanted = endpoint === 'EDGE' ? '/certificateArn' : '/regionalCertificateArn';
  if (op !== 'replace' || path !== wanted)
    throw new AwsFault(
      'BadRequestException',
      `Invalid patch path ${path}: an endpoint ${endpoint} has ${wanted}.`,
      400,
    );
  if (endpoint === 'EDGE' && value.split(':')[3] !== 'us-east-1')
    throw new AwsFault('BadRequestException', 'Certificates of edge-optimized domain names are in us-east-1.', 400);
  return value;
}
