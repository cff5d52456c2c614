import type { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import type { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2';
import { StepFailure } from '../core/failure.ts';
import type { ApiGatewayTarget } from '../core/target-declaration.ts';
import type { Installed, PushJob, TargetDriver } from '../core/target-driver.ts';
import { type DomainName, type DomainNames, httpDomainNames, restDomainNames } from './api-gateway-domains.ts';
import { boundArn } from './bound-arn.ts';

export type ApiGatewayDriverParts = {
  readonly httpFor: (target: ApiGatewayTarget) => ApiGatewayV2Client;
  readonly restFor: (target: ApiGatewayTarget) => APIGatewayClient;
};

/** What a person must do about a status that no time mends. */
const STUCK: Readonly<Record<string, string>> = {
  PENDING_CERTIFICATE_REIMPORT: 'Import a certificate that covers the domain name onto the ARN that it has.',
  PENDING_OWNERSHIP_VERIFICATION:
    'Give the domain name an ownershipVerificationCertificate, a public one issued by ACM.',
};

/** Custom domain names of API Gateway, as far as their certificate goes. */
export function createApiGatewayDriver({ httpFor, restFor }: ApiGatewayDriverParts): TargetDriver<ApiGatewayTarget> {
  return {
    install: (job) => {
      const { target } = job;
      const domains = target.api === 'http' ? httpDomainNames(httpFor(target)) : restDomainNames(restFor(target));
      return install(domains, job);
    },
  };
}

async function install(domains: DomainNames, job: PushJob<ApiGatewayTarget>): Promise<Installed> {
  const { target } = job;
  const arn = boundArn(job);
  const before = await domains.read(target);
  const now = before.certificateArn === arn ? before : await domains.bind(target, before, arn);
  if (now.certificateArn === arn) return { remoteId: arn, deployed: isAvailable(target, now) };
  const message = `the domain name ${target.domainName} has the certificate ${now.certificateArn ?? 'none'} after ${arn} was bound`;
  throw new StepFailure({ class: 'transient', code: 'readBack', message });
}

function isAvailable({ domainName, id }: ApiGatewayTarget, { status, statusMessage }: DomainName): boolean {
  const remedy = STUCK[status];
  if (remedy === undefined) return status === 'AVAILABLE';
  const message = `the domain name ${domainName} of the target "${id}" is ${status}${statusMessage ? ` (${statusMessage})` : ''}. ${remedy}`;
  throw new StepFailure({ class: 'person', code: status, message });
}
