import type { HttpRequest, HttpSend } from '../../lambdas/acme/http.ts';
import type { ChannelSend } from '../../lambdas/alerts/channels/channel.ts';
import type { DeployedChannel } from '../../lambdas/core/channel-declaration.ts';
import type { DeclaredZones } from '../../lambdas/core/dns-zones.ts';
import type { Log } from '../../lambdas/core/log.ts';
import type {
  Clock,
  DnsPublisher,
  FleetMetrics,
  Handshakes,
  Propagation,
  ServedCertificate,
} from '../../lambdas/core/ports.ts';
import type { WatchList } from '../../lambdas/core/watch-list.ts';
import { createPropagation } from '../../lambdas/dns/propagation.ts';
import type { DnsResolver, ResolverSettings } from '../../lambdas/dns/resolver.ts';
import { createRoute53Publisher } from '../../lambdas/dns/route53-publisher.ts';
import { buildAcmPorts } from '../../lambdas/ports/acm-ports.ts';
import { buildAriPorts } from '../../lambdas/ports/ari-ports.ts';
import { buildAwsTargetPorts } from '../../lambdas/ports/aws-target-ports.ts';
import type { Undated } from '../../lambdas/ports/base-ports.ts';
import { buildDeliveryPorts } from '../../lambdas/ports/delivery-ports.ts';
import { buildDnsPorts, type DnsParts } from '../../lambdas/ports/dns-ports.ts';
import { buildExportPorts } from '../../lambdas/ports/export-ports.ts';
import { createLoggedPropagation } from '../../lambdas/ports/logged-propagation.ts';
import { buildOrderPorts } from '../../lambdas/ports/order-ports.ts';
import { buildProbePorts } from '../../lambdas/ports/probe-ports.ts';
import { buildRunPorts } from '../../lambdas/ports/run-ports.ts';
import { buildWatchPorts } from '../../lambdas/ports/watch-ports.ts';
import type { DeliveryPorts } from '../../lambdas/steps/deliver-alert.ts';
import type {
  AriPorts,
  FailurePorts,
  OrderPorts,
  ProbePorts,
  PushPorts,
  RunPorts,
  WatchPorts,
} from '../../lambdas/steps/ports.ts';
import type { Table } from '../../lambdas/store/table.ts';
import { createHandshakes } from '../../lambdas/targets/handshakes.ts';
import { createRevocationLists } from '../../lambdas/targets/revocation-lists.ts';
import type { WebhookSend } from '../../lambdas/targets/webhook.ts';
import type { Calls } from './calls.ts';
import type { LocalClients } from './clients.ts';
import type { Definitions } from './definitions.ts';

/** The ports of all steps. */
export type LocalPorts = {
  readonly base: Undated<RunPorts>;
  readonly ari: Undated<AriPorts>;
  readonly order: Undated<OrderPorts>;
  readonly failure: Undated<FailurePorts>;
  readonly push: Undated<PushPorts>;
  readonly pushAws: Undated<PushPorts>;
  readonly pushExport: Undated<PushPorts>;
  readonly probe: Undated<ProbePorts>;
  readonly watch: WatchPorts;
  readonly delivery: DeliveryPorts;
};

export type LocalParts = {
  readonly calls: Calls;
  readonly clients: LocalClients;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly newId: () => string;
  readonly tableName: string;
  readonly watchTable: Table;
  readonly readList: () => Promise<WatchList>;
  readonly fetchList: (url: string) => Promise<Uint8Array>;
  readonly metrics: FleetMetrics;
  readonly topicArn: string;
  readonly parameterPrefix: string;
  readonly keyArn: string;
  readonly machines: Definitions['machines'];
  readonly route53As: DnsParts['route53As'];
  readonly declaredZones: DeclaredZones;
  readonly resolver: ResolverSettings;
  /** Stands for DNS and TLS where nothing may open a socket. */
  readonly inProcess?: InProcess | undefined;
  readonly send: HttpSend;
  readonly webhookSend: WebhookSend;
  readonly channelSend: ChannelSend;
  readonly channels: readonly DeployedChannel[];
};

/** DNS and handshakes without sockets. */
export type InProcess = {
  readonly resolver: DnsResolver;
  readonly served: ServedCertificate;
  readonly handshakes: Handshakes;
};

/** Builds the steps' ports by the Lambdas' own builders, on the account's clients; all that leaves a step is a known call. */
export function createLocalPorts(local: LocalParts): LocalPorts {
  const { calls, clients, machines } = local;
  const machineArns = { renew: machines.renewal.arn, push: machines.push.arn, settle: machines.settle.arn };
  const parts = { ...local, ...clients, machineOf: (kind: keyof typeof machineArns) => machineArns[kind] };
  const send = observedSend(local.send, calls);
  const order = buildOrderPorts({ ...parts, send });
  const probe = buildProbePorts(parts);
  const { dns, propagation } = dnsPorts(local);
  return {
    base: buildRunPorts(parts),
    ari: buildAriPorts({ ...parts, send }),
    order: {
      ...order,
      dns,
      propagation: observedPropagation(createLoggedPropagation(propagation, local.log, local.clock), calls),
    },
    failure: { ...buildRunPorts(parts), dns },
    push: buildAcmPorts({ ...parts, acmFor: () => clients.acm }),
    pushAws: buildAwsTargetPorts({
      ...parts,
      loadBalancersFor: () => clients.loadBalancing,
      httpApisFor: () => clients.httpApis,
      restApisFor: () => clients.restApis,
    }),
    pushExport: buildExportPorts({
      ...parts,
      secretsManagerFor: () => clients.secretsManager,
      s3For: () => clients.s3,
      webhookSend: observedWebhook(local.webhookSend, calls),
    }),
    delivery: buildDeliveryPorts({ ...parts, channelSend: observedChannel(local.channelSend, calls) }),
    probe: { ...probe, served: observedProbe(local.inProcess?.served ?? probe.served, calls) },
    watch: buildWatchPorts({
      ...parts,
      handshakes: observedHandshakes(local.inProcess?.handshakes ?? createHandshakes(), calls),
      revocations: createRevocationLists({ fetchList: local.fetchList, now: () => local.clock.now() }),
    }),
  };
}

function dnsPorts(local: LocalParts): { readonly dns: DnsPublisher; readonly propagation: Propagation } {
  const { clients, clock, random, inProcess } = local;
  if (inProcess === undefined) return buildDnsPorts({ ...local, ...clients });
  const { resolver } = inProcess;
  return {
    dns: createRoute53Publisher({
      client: clients.route53,
      clientAs: local.route53As,
      declared: local.declaredZones,
      resolver,
      clock,
      random,
    }),
    propagation: createPropagation({ resolver, clock }),
  };
}

function observedSend(send: HttpSend, calls: Calls): HttpSend {
  return (request) => calls.pass('acme', operationOf(request), () => send(request));
}

/** Method and resource, without what identifies one: `POST /acme/finalize`. */
function operationOf({ method, url }: HttpRequest): string {
  return `${method} ${new URL(url).pathname.split('/').slice(0, 3).join('/')}`;
}

function observedWebhook(send: WebhookSend, calls: Calls): WebhookSend {
  return (request) => calls.pass('webhook', 'POST', () => send(request));
}

function observedChannel(send: ChannelSend, calls: Calls): ChannelSend {
  return (request) => calls.pass('channel', 'POST', () => send(request));
}

function observedPropagation(propagation: Propagation, calls: Calls): Propagation {
  return { look: (records) => calls.pass('dns', 'look', () => propagation.look(records)) };
}

function observedProbe(served: ServedCertificate, calls: Calls): ServedCertificate {
  return {
    probe: (probe, timeoutMs, expected) => calls.pass('tls', 'probe', () => served.probe(probe, timeoutMs, expected)),
  };
}

function observedHandshakes(handshakes: Handshakes, calls: Calls): Handshakes {
  return {
    look: (place, timeoutMs, roots) => calls.pass('tls', 'look', () => handshakes.look(place, timeoutMs, roots)),
  };
}
