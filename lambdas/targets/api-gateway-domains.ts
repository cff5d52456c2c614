import {
  type APIGatewayClient,
  GetDomainNameCommand as GetRestDomainName,
  type DomainName as RestDomainName,
  UpdateDomainNameCommand as UpdateRestDomainName,
} from '@aws-sdk/client-api-gateway';
import {
  type ApiGatewayV2Client,
  type DomainNameConfiguration,
  GetDomainNameCommand,
  UpdateDomainNameCommand,
} from '@aws-sdk/client-apigatewayv2';
import { awsErrorFacts, awsFailure } from '../core/aws-failure.ts';
import { StepFailure } from '../core/failure.ts';
import type { ApiGatewayTarget } from '../core/target-declaration.ts';

/** A custom domain name as it is now. */
export type DomainName = {
  readonly certificateArn?: string;
  /** AVAILABLE, UPDATING, or what keeps it from that. */
  readonly status: string;
  readonly statusMessage?: string;
  /** What an update must repeat, so that nothing else changes. */
  readonly kept: DomainNameConfiguration;
};

/** Custom domain names, whichever API has them. */
export interface DomainNames {
  read(target: ApiGatewayTarget): Promise<DomainName>;
  /** Has it use the certificate, and keeps everything else. */
  bind(target: ApiGatewayTarget, before: DomainName, arn: string): Promise<DomainName>;
}

/** Where edge-optimized domain names read certificates. */
const EDGE_REGION = 'us-east-1';

/** Those of HTTP and WebSocket APIs. https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname.html */
export function httpDomainNames(client: ApiGatewayV2Client): DomainNames {
  return {
    read: (target) =>
      told('Reading', target, async () => {
        const answer = await client.send(new GetDomainNameCommand({ DomainName: target.domainName }));
        return fromConfiguration(answer.DomainNameConfigurations?.[0]);
      }),
    bind: (target, { kept }, arn) =>
      told('Updating', target, async () => {
        const DomainNameConfigurations = [{ ...kept, CertificateArn: arn }];
        const command = new UpdateDomainNameCommand({ DomainName: target.domainName, DomainNameConfigurations });
        return fromConfiguration((await client.send(command)).DomainNameConfigurations?.[0]);
      }),
  };
}

function fromConfiguration(configuration: DomainNameConfiguration = {}): DomainName {
  const { CertificateArn, DomainNameStatus = '', DomainNameStatusMessage, ...rest } = configuration;
  const { EndpointType, SecurityPolicy, IpAddressType, OwnershipVerificationCertificateArn } = rest;
  return {
    status: DomainNameStatus,
    ...(CertificateArn !== undefined && { certificateArn: CertificateArn }),
    ...(DomainNameStatusMessage !== undefined && { statusMessage: DomainNameStatusMessage }),
    kept: {
      ...(EndpointType !== undefined && { EndpointType }),
      ...(SecurityPolicy !== undefined && { SecurityPolicy }),
      ...(IpAddressType !== undefined && { IpAddressType }),
      ...(OwnershipVerificationCertificateArn !== undefined && { OwnershipVerificationCertificateArn }),
    },
  };
}

/** Those of REST APIs, regional or edge-optimized. https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateDomainName-Patch */
export function restDomainNames(client: APIGatewayClient): DomainNames {
  const read = (target: ApiGatewayTarget) =>
    told('Reading', target, () => client.send(new GetRestDomainName({ domainName: target.domainName })));
  return {
    read: async (target) => fromRest(await read(target)),
    bind: async (target, _before, arn) => {
      const path = isEdge(await read(target)) ? '/certificateArn' : '/regionalCertificateArn';
      if (path === '/certificateArn') refuseRegion(target, arn);
      const patchOperations = [{ op: 'replace', path, value: arn }] as const;
      const command = new UpdateRestDomainName({
        domainName: target.domainName,
        patchOperations: [...patchOperations],
      });
      return fromRest(await told('Updating', target, () => client.send(command)));
    },
  };
}

function isEdge({ endpointConfiguration }: RestDomainName): boolean {
  return endpointConfiguration?.types?.includes('EDGE') === true;
}

function fromRest(domain: RestDomainName): DomainName {
  const arn = isEdge(domain) ? domain.certificateArn : domain.regionalCertificateArn;
  const { domainNameStatus = '', domainNameStatusMessage } = domain;
  return {
    status: domainNameStatus,
    ...(arn !== undefined && { certificateArn: arn }),
    ...(domainNameStatusMessage !== undefined && { statusMessage: domainNameStatusMessage }),
    kept: {},
  };
}

function refuseRegion({ domainName, id }: ApiGatewayTarget, arn: string): void {
  if (arn.split(':')[3] === EDGE_REGION) return;
  const message = `the domain name ${domainName} is edge-optimized and reads certificates in ${EDGE_REGION} only, not ${arn}. Declare an ACM target in ${EDGE_REGION} and name its id as acm of the target "${id}"`;
  throw new StepFailure({ class: 'person', code: 'edgeRegion', message });
}

async function told<T>(doing: string, { domainName, id }: ApiGatewayTarget, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isMissing = awsErrorFacts(error).name === 'NotFoundException';
    const remedy = isMissing ? `Create it, or correct domainName, api or region of the target "${id}".` : undefined;
    throw awsFailure(error, `${doing} the domain name ${domainName}`, remedy);
  }
}
