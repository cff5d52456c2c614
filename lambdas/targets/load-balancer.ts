import {
  AddListenerCertificatesCommand,
  DescribeListenersCommand,
  type ElasticLoadBalancingV2Client,
  type Listener,
  ModifyListenerCommand,
  paginateDescribeListenerCertificates,
  RemoveListenerCertificatesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { awsErrorFacts, awsFailure } from '../core/aws-failure.ts';
import { StepFailure } from '../core/failure.ts';
import type { LoadBalancerTarget } from '../core/target-declaration.ts';
import type { Installed, PushJob, TargetDriver } from '../core/target-driver.ts';
import { boundArn } from './bound-arn.ts';

type ClientFor = (target: LoadBalancerTarget) => ElasticLoadBalancingV2Client;

/**
 * Listeners of Application and Network Load Balancers, as far as their certificates go. A renewal keeps its ARN in ACM, so
 * most pushes change nothing here.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-update-certificates.html
 */
export function createLoadBalancerDriver({
  clientFor,
}: {
  readonly clientFor: ClientFor;
}): TargetDriver<LoadBalancerTarget> {
  return {
    install: (job) => install(clientFor(job.target), job),
    discard: (target, arn) => discard(clientFor(target), target, arn),
  };
}

async function install(client: ElasticLoadBalancingV2Client, job: PushJob<LoadBalancerTarget>): Promise<Installed> {
  const { target } = job;
  const arn = boundArn(job);
  refusePlain(target, await readListener(client, target));
  if (!(await isBound(client, target, arn))) {
    await bind(client, target, arn);
    if (!(await isBound(client, target, arn))) throw notReadBack(target, arn);
  }
  return { remoteId: arn, deployed: true };
}

async function readListener(client: ElasticLoadBalancingV2Client, target: LoadBalancerTarget): Promise<Listener> {
  try {
    const { Listeners } = await client.send(new DescribeListenersCommand({ ListenerArns: [target.listenerArn] }));
    return Listeners?.[0] ?? {};
  } catch (error) {
    throw failureOf(error, 'Reading', target);
  }
}

async function isBound(
  client: ElasticLoadBalancingV2Client,
  target: LoadBalancerTarget,
  arn: string,
): Promise<boolean> {
  if (target.as === 'sni') return (await listCertificates(client, target)).includes(arn);
  const { Certificates = [] } = await readListener(client, target);
  return Certificates.some(({ CertificateArn }) => CertificateArn === arn);
}

/** All that the listener can show, its default among them. */
async function listCertificates(
  client: ElasticLoadBalancingV2Client,
  { listenerArn, ...target }: LoadBalancerTarget,
): Promise<readonly string[]> {
  const arns: string[] = [];
  try {
    for await (const page of paginateDescribeListenerCertificates({ client }, { ListenerArn: listenerArn }))
      arns.push(...(page.Certificates ?? []).flatMap(({ CertificateArn }) => CertificateArn ?? []));
  } catch (error) {
    throw failureOf(error, 'Reading the certificates of', { listenerArn, ...target });
  }
  return arns;
}

async function bind(client: ElasticLoadBalancingV2Client, target: LoadBalancerTarget, arn: string): Promise<void> {
  const request = { ListenerArn: target.listenerArn, Certificates: [{ CertificateArn: arn }] };
  try {
    if (target.as === 'sni') await client.send(new AddListenerCertificatesCommand(request));
    else await client.send(new ModifyListenerCommand(request));
  } catch (error) {
    const failure = failureOf(error, `Binding ${arn} to`, target);
    // A certificate that was imported a moment ago is not seen everywhere yet.
    if (failure.detail.code !== 'CertificateNotFoundException') throw failure;
    throw new StepFailure({ ...failure.detail, class: 'transient' }, { cause: error });
  }
}

/** A default certificate was replaced when the next was bound; of the list it is taken out. */
async function discard(
  client: ElasticLoadBalancingV2Client,
  target: LoadBalancerTarget,
  arn: string,
): Promise<boolean> {
  const { Certificates = [] } = await readListener(client, target);
  if (Certificates.some(({ CertificateArn }) => CertificateArn === arn)) return false;
  if (!(await listCertificates(client, target)).includes(arn)) return true;
  const request = { ListenerArn: target.listenerArn, Certificates: [{ CertificateArn: arn }] };
  try {
    await client.send(new RemoveListenerCertificatesCommand(request));
    return true;
  } catch (error) {
    throw failureOf(error, `Removing ${arn} from`, target);
  }
}

function refusePlain(target: LoadBalancerTarget, { Protocol }: Listener): void {
  if (Protocol === 'HTTPS' || Protocol === 'TLS') return;
  const message = `${target.listenerArn} is a listener of protocol ${Protocol ?? 'none'}, which serves no certificate. Name an HTTPS or TLS listener as listenerArn of the target "${target.id}"`;
  throw new StepFailure({ class: 'person', code: 'listenerPlain', message });
}

function notReadBack({ listenerArn }: LoadBalancerTarget, arn: string): StepFailure {
  const message = `${listenerArn} does not list ${arn} after it was bound`;
  return new StepFailure({ class: 'transient', code: 'readBack', message });
}

function failureOf(error: unknown, doing: string, target: LoadBalancerTarget): StepFailure {
  const { name } = awsErrorFacts(error);
  return awsFailure(error, `${doing} the listener ${target.listenerArn}`, REMEDIES[name]?.(target));
}

const REMEDIES: Readonly<Record<string, (target: LoadBalancerTarget) => string>> = {
  ListenerNotFoundException: ({ id }) => `Correct listenerArn of the target "${id}", or remove the target.`,
  TooManyCertificatesException: () =>
    'Remove certificates from the listener that are no longer used, or ask for a higher quota in Service Quotas.',
};
