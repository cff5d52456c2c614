import type { DomainNameConfiguration, UpdateDomainNameRequest } from '@aws-sdk/client-apigatewayv2';
import { AwsFault } from './fault.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

/**
 * API Gateway for HTTP and WebSocket APIs: custom domain names and the certificate that each has.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname.html
 */
export class HttpApiAccount implements FakeAccount {
  readonly #rows = new Map<string, DomainNameConfiguration>();

  createDomainName(name: string, arn: string): void {
    this.#rows.set(name, {
      CertificateArn: arn,
      DomainNameStatus: 'AVAILABLE',
      EndpointType: 'REGIONAL',
      SecurityPolicy: 'TLS_1_2',
      IpAddressType: 'dualstack',
    });
  }

  configuration(name: string): DomainNameConfiguration {
    return this.#row(name);
  }

  /** Has it say another status. */
  setStatus(name: string, status: NonNullable<DomainNameConfiguration['DomainNameStatus']>): void {
    this.#rows.set(name, { ...this.#row(name), DomainNameStatus: status });
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    switch (operation) {
      case 'GetDomainName':
        return this.#shown(expectFields<{ DomainName: string }>(input, ['DomainName']).DomainName);
      case 'UpdateDomainName':
        return this.#update(expectFields(input, ['DomainName', 'DomainNameConfigurations']));
      default:
        throw new Error(`HttpApiAccount does not know ${operation}; add it with its rules.`);
    }
  }

  /** A configuration replaces the one before: what is left out falls back to a default. */
  #update({ DomainName = '', DomainNameConfigurations = [] }: UpdateDomainNameRequest): object {
    const before = this.#row(DomainName);
    const [only, ...others] = DomainNameConfigurations;
    if (only === undefined || others.length > 0)
      throw new AwsFault('BadRequestException', 'Exactly one domain name configuration is supported.', 400);
    if (only.EndpointType !== before.EndpointType)
      throw new AwsFault('BadRequestException', 'The endpoint type cannot be changed here.', 400);
    if (only.DomainNameStatus !== undefined) throw new AwsFault('BadRequestException', 'The status is read only.', 400);
    this.#rows.set(DomainName, {
      SecurityPolicy: 'TLS_1_2',
      IpAddressType: 'ipv4',
      ...only,
      DomainNameStatus: before.DomainNameStatus,
    });
    return this.#shown(DomainName);
  }

  #shown(name: string): object {
    return { DomainName: name, DomainNameConfigurations: [{ ...this.#row(name) }] };
  }

  #row(name: string): DomainNameConfiguration {
    const row = this.#rows.get(name);
    if (row === undefined) throw new AwsFault('NotFoundException', 'Invalid domain name identifier specified', 404);
    return row;
  }
}
