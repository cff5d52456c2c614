import { randomUUID } from 'node:crypto';
import type { ResolvedConfig } from '../../infra/config/resolved.ts';
import { DEFAULT_STACK_NAME, MACHINE_OUTPUTS, OUTPUTS } from '../../infra/outputs.ts';
import type { HttpSend } from '../../lambdas/acme/http.ts';
import { createHttpsSend } from '../../lambdas/acme/http.ts';
import type { ChannelSend } from '../../lambdas/alerts/channels/channel.ts';
import type { DeployedChannel } from '../../lambdas/core/channel-declaration.ts';
import { type Log, NO_LOG } from '../../lambdas/core/log.ts';
import { METRIC_NAMESPACE } from '../../lambdas/core/metric-names.ts';
import type { Clock } from '../../lambdas/core/ports.ts';
import { TIMEOUTS } from '../../lambdas/core/timeouts.ts';
import { type WatchList, watchListOf } from '../../lambdas/core/watch-list.ts';
import { tablePort } from '../../lambdas/ports/base-ports.ts';
import { fetchList } from '../../lambdas/ports/http-list.ts';
import { createLineWriter, type LogSink } from '../../lambdas/ports/powertools-log.ts';
import { createScopedLog } from '../../lambdas/ports/scoped-log.ts';
import type { WatchResult } from '../../lambdas/steps/watch.ts';
import type { WebhookSend } from '../../lambdas/targets/webhook.ts';
import { AcmAccount } from '../aws/acm.ts';
import { RestApiAccount } from '../aws/api-gateway.ts';
import { HttpApiAccount } from '../aws/api-gateway-v2.ts';
import { CloudFormationAccount, type FakeStack } from '../aws/cloudformation.ts';
import { CloudFrontAccount } from '../aws/cloudfront.ts';
import { CloudWatchAccount } from '../aws/cloudwatch.ts';
import { LoadBalancingAccount } from '../aws/elbv2.ts';
import { EventBridgeAccount } from '../aws/eventbridge.ts';
import { IamAccount } from '../aws/iam.ts';
import { KmsAccount } from '../aws/kms.ts';
import type { MemoryDynamoOptions } from '../aws/memory-dynamodb/memory-dynamodb.ts';
import { Route53Account } from '../aws/route53.ts';
import { route53Records } from '../aws/route53-dns.ts';
import { S3Account } from '../aws/s3.ts';
import { SchedulerAccount } from '../aws/scheduler.ts';
import type { FakeAccount } from '../aws/seam.ts';
import { SecretsManagerAccount } from '../aws/secrets-manager.ts';
import { SnsAccount } from '../aws/sns.ts';
import { SqsAccount } from '../aws/sqs.ts';
import { SsmAccount } from '../aws/ssm.ts';
import type { Lookup } from '../ca/resolver.ts';
import type { DnsServer } from '../dns/server.ts';
import type { Edge } from '../edge/edge.ts';
import { alarmsOf } from './alarm-definitions.ts';
import { Calls } from './calls.ts';
import { checkEvent } from './check-event.ts';
import { createClients, type LocalClients } from './clients.ts';
import type { Definitions } from './definitions.ts';
import { connectEventRules } from './event-rules.ts';
import type { ExecutionEvent, ExecutionRecord } from './execution.ts';
import type { Interpreter, LocalHandlers } from './interpreter.ts';
import { createInterpreter } from './interpreter.ts';
import type { LocalHandler } from './invocation.ts';
import { createLocalHandlers } from './local-handlers.ts';
import type { LocalPorts } from './local-ports.ts';
import { createLocalPorts } from './local-ports.ts';
import { createOtherAccounts, type ForeignZone, type OtherAccounts } from './other-accounts.ts';
import { createQueuePoller } from './queue-poller.ts';
import { stepFunctionsAccount } from './sfn.ts';
import { startSurroundings, TABLE_NAME, WATCH_TABLE_NAME } from './surroundings.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from './template-values.ts';
import type { AccountTime } from './time.ts';
import { RealTime } from './time.ts';

/** What an embedded account is made of. */
export type EmbeddedOptions = {
  readonly definitions: Definitions;
  /** Default: real time, which only {@link RealTime.jump} moves. */
  readonly time?: AccountTime;
  /** Zones that the account holds. */
  readonly zones: readonly string[];
  /** Zones that other accounts hold, as the configuration declares them. */
  readonly foreignZones?: readonly ForeignZone[];
  /** How long Route 53 says PENDING, milliseconds. */
  readonly insyncAfterMs?: number;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
  /** How the steps reach their CA. Default: HTTPS. */
  readonly send?: HttpSend;
  /** How revocation lists are had. Default: HTTP. */
  readonly fetchList?: (url: string) => Promise<Uint8Array>;
  /** How webhooks are reached. Default: HTTPS. */
  readonly webhookSend?: WebhookSend;
  /** How channels are reached. Default: HTTPS. */
  readonly channelSend?: ChannelSend;
  /** Replaces single handlers, by state name. */
  readonly overrides?: LocalHandlers;
  readonly onEvent?: (record: ExecutionRecord, event: ExecutionEvent) => void;
  /** Whether the status rule tells RecordFailure of ended executions. Default true. */
  readonly statusRule?: boolean;
  /** How long CloudFront takes to deploy a change, milliseconds. */
  readonly distributionDeployMs?: number;
  /** The edge serves a change only after {@link Edge.catchUp}. */
  readonly edgeLags?: boolean;
  /** No socket is opened: the table is in memory, DNS and TLS are asked in process. Default: loopback sockets and dynalite. */
  readonly inProcess?: MemoryDynamoOptions;
  /** The clock of the steps, where it is not the account's: each Lambda has its own. */
  readonly stepClock?: Clock;
  /** Stands around every handler of the machines, by its name. */
  readonly around?: (name: string, handler: LocalHandler) => LocalHandler;
  /** Takes every line that the steps log, of whatever level. Default: none is written. */
  readonly onLog?: LogSink;
  /** Told of each plaintext that KMS seals and each text that people keep in Secrets Manager: what no line may hold. */
  readonly onSecret?: (secret: Uint8Array | string) => void;
  /** A new unique id. Default: random. */
  readonly newId?: () => string;
};

/** An AWS account in this process, with the stack deployed into it. */
export interface EmbeddedAccount {
  readonly time: AccountTime;
  readonly calls: Calls;
  readonly ports: LocalPorts;
  /** Clients of all its services. */
  readonly clients: LocalClients;
  readonly acm: AcmAccount;
  readonly cloudFormation: CloudFormationAccount;
  /** Its own stack, as CloudFormation tells it. */
  readonly stack: FakeStack;
  readonly cloudFront: CloudFrontAccount;
  readonly cloudWatch: CloudWatchAccount;
  readonly events: EventBridgeAccount;
  readonly httpApis: HttpApiAccount;
  readonly iam: IamAccount;
  readonly loadBalancing: LoadBalancingAccount;
  readonly restApis: RestApiAccount;
  readonly kms: KmsAccount;
  readonly keyArn: string;
  readonly route53: Route53Account;
  readonly s3: S3Account;
  readonly scheduler: SchedulerAccount;
  readonly secrets: SecretsManagerAccount;
  readonly sfn: FakeAccount;
  readonly sns: SnsAccount;
  /** The topic that people subscribe to. */
  readonly topicArn: string;
  readonly sqs: SqsAccount;
  readonly ssm: SsmAccount;
  readonly others: OtherAccounts;
  /** `address` is that of a server, where there is one. */
  readonly dns: Pick<DnsServer, 'address' | 'faults'>;
  /** What a CA asks to see this account's zones. */
  readonly caResolver: string | Lookup;
  readonly edge: Edge;
  readonly interpreter: Interpreter;
  /** Deploys what the watch knows. */
  setWatchList(list: WatchList): void;
  /** What the schedule of the watch does once an hour. */
  watch(): Promise<WatchResult>;
  /** Has DeliverAlert empty the queues of the channels, as far as their messages may be seen. */
  deliverAlerts(): Promise<void>;
  stop(): Promise<void>;
}

/** Everything the definitions are synthesised from, for accounts whose certificates are declared at run time. */
export const EMPTY_CONFIG: ResolvedConfig = {
  declarations: [],
  checkIntervalSeconds: 900,
  dns: {},
  alerts: { email: [], https: [], sqs: [] },
};

/** https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html */
const EXECUTION_METRICS: Readonly<Partial<Record<ExecutionRecord['status'], string>>> = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
};

/** Starts an account. Everything listens on loopback, on free ports. */
export async function startAccount(options: EmbeddedOptions): Promise<EmbeddedAccount> {
  const time = options.time ?? new RealTime();
  const place = { accountId: LOCAL_ACCOUNT, region: LOCAL_REGION };
  const now = (): number => time.clock.now();
  const stepClock = options.stepClock ?? time.clock;
  const calls = new Calls();
  const acm = new AcmAccount({ ...place, now });
  const iam: IamAccount = new IamAccount(LOCAL_ACCOUNT, (id) => cloudFront.names(id));
  const loadBalancing = new LoadBalancingAccount({
    ...place,
    knows: (arn) => acm.certificates().some((held) => held.arn === arn),
  });
  const httpApis = new HttpApiAccount();
  const restApis = new RestApiAccount();
  const cloudFront: CloudFrontAccount = new CloudFrontAccount({
    ...place,
    now,
    certificate: (arn) => acm.seenByCloudFront(arn),
    serverCertificate: (id) => iam.seenByCloudFront(id),
    ...(options.distributionDeployMs !== undefined && { deployMs: options.distributionDeployMs }),
  });
  const told = options.onSecret === undefined ? {} : { onSecret: options.onSecret };
  const sqs = new SqsAccount({ ...place, now });
  const onEvent = connectEventRules(options.definitions.resources, sqs);
  const events = new EventBridgeAccount({ now, check: checkEvent, onEvent });
  const kms = new KmsAccount({ ...place, ...told });
  const s3 = new S3Account();
  const secrets = new SecretsManagerAccount({ ...place, ...told });
  const scheduler = new SchedulerAccount();
  const cloudFormation = new CloudFormationAccount();
  const sns = new SnsAccount(place);
  const ssm = new SsmAccount(place);
  const cloudWatch = new CloudWatchAccount();
  cloudWatch.createAlarms(alarmsOf(options.definitions.resources), now());
  const topicArn = createTopics(options.definitions, sns);
  let watchList = watchListOf([]);
  const route53Options = {
    now,
    ...(options.insyncAfterMs === undefined ? {} : { insyncAfterMs: options.insyncAfterMs }),
  };
  const route53 = new Route53Account(route53Options);
  const others = createOtherAccounts(options.foreignZones ?? [], route53Options, calls);
  for (const zone of options.zones) route53.createZone(zone);
  const records = route53Records(route53, ...others.route53);
  const surroundings = await startSurroundings(options, { records, certificates: acm, now });
  const https = createHttpsSend();
  const sfn = stepFunctionsAccount(options.definitions, () => interpreter);
  const clients = createClients(
    {
      acm,
      cloudFormation,
      cloudFront,
      cloudWatch,
      events,
      httpApis,
      iam,
      kms,
      loadBalancing,
      restApis,
      route53,
      s3,
      scheduler,
      secrets,
      sfn,
      sns,
      sqs,
      ssm,
    },
    surroundings.connectTable(calls),
    calls,
  );
  const watchDynamoDb = surroundings.connectTable(calls, 'watch-table');
  const keyArn = kms.createKey();
  scheduler.put({ name: SCHEDULE_NAME, expression: 'rate(15 minutes)', state: 'ENABLED' });
  scheduler.put({ name: WATCH_SCHEDULE_NAME, expression: 'rate(1 hour)', state: 'ENABLED' });
  const stack = stackOf(options.definitions, topicArn, now());
  cloudFormation.put(stack);
  const ports = createLocalPorts({
    calls,
    clients,
    clock: stepClock,
    log: allLinesTo(options.onLog),
    random: options.random ?? Math.random,
    newId: options.newId ?? (() => randomUUID()),
    tableName: TABLE_NAME,
    watchTable: tablePort(watchDynamoDb, WATCH_TABLE_NAME),
    topicArn,
    readList: async () => watchList,
    metrics: {
      publish: (values) =>
        cloudWatch.putAll(METRIC_NAMESPACE, { service: options.definitions.stackName }, values, now()),
    },
    channels: channelsOf(options.definitions),
    parameterPrefix: options.definitions.functions['push-target'].environment.PARAMETER_PREFIX ?? '',
    keyArn,
    machines: options.definitions.machines,
    route53As: others.route53As,
    declaredZones: { zones: others.declaredZones, only: false },
    resolver: surroundings.resolver,
    inProcess: surroundings.inProcess,
    ...waysOut(options, https.send),
  });
  const handlers = createLocalHandlers(calls, ports, stepClock, TIMEOUTS.lambda * 1000);
  const interpreter = createInterpreter({
    definitions: options.definitions,
    handlers: { ...surrounded(handlers.byName, options.around), ...options.overrides },
    time,
    onEnd: (record) => countExecution(cloudWatch, record, now()),
    ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
    ...(options.statusRule === false ? {} : { onStatusChange: handlers.onStatusChange }),
  });
  const stop = async (): Promise<void> => {
    https.close();
    clients.destroy();
    watchDynamoDb.destroy();
    await surroundings.stop();
  };
  const { dns, caResolver, edge } = surroundings;
  return {
    time,
    calls,
    clients,
    ports,
    acm,
    cloudFormation,
    stack,
    cloudFront,
    events,
    httpApis,
    iam,
    loadBalancing,
    restApis,
    kms,
    keyArn,
    route53,
    s3,
    scheduler,
    secrets,
    sfn,
    sns,
    topicArn,
    sqs,
    ssm,
    cloudWatch,
    others,
    dns,
    caResolver,
    edge,
    interpreter,
    setWatchList: (list) => {
      watchList = list;
    },
    watch: handlers.watch,
    deliverAlerts: createQueuePoller(options.definitions.resources, sqs, handlers.onQueue),
    stop,
  };
}

function allLinesTo(sink?: LogSink): Log {
  return sink === undefined ? NO_LOG : createScopedLog(createLineWriter({ sink, level: 'DEBUG' }));
}

/** How the steps reach what is not AWS. */
function waysOut(options: EmbeddedOptions, https: HttpSend & WebhookSend & ChannelSend) {
  return {
    send: options.send ?? https,
    webhookSend: options.webhookSend ?? https,
    channelSend: options.channelSend ?? https,
    fetchList: options.fetchList ?? fetchList,
  };
}

function countExecution(cloudWatch: CloudWatchAccount, { machineArn, status }: ExecutionRecord, at: number): void {
  const metric = EXECUTION_METRICS[status];
  if (metric) cloudWatch.putAll('AWS/States', { StateMachineArn: machineArn }, { [metric]: 1 }, at);
}

/** Makes the topics of the stack; the ARN of the one that people subscribe to. */
function createTopics(definitions: Definitions, sns: SnsAccount): string {
  const named = (arn: string): string => sns.createTopic(arn.split(':').at(-1) ?? '');
  for (const channel of channelsOf(definitions)) if ('topicArn' in channel) named(channel.topicArn);
  return named(definitions.functions['find-due'].environment.TOPIC_ARN ?? 'perennial');
}

function channelsOf({ functions }: Definitions): readonly DeployedChannel[] {
  return JSON.parse(functions['deliver-alert'].environment.CHANNELS ?? '[]');
}

function surrounded(handlers: LocalHandlers, around: EmbeddedOptions['around']): LocalHandlers {
  if (around === undefined) return handlers;
  const pairs = Object.entries(handlers).map(([name, handler]) => [name, handler && around(name, handler)]);
  return Object.fromEntries(pairs);
}

const SCHEDULE_NAME = 'perennial-schedule';
const WATCH_SCHEDULE_NAME = 'perennial-watch-schedule';

/** The stack as CloudFormation tells it, with the outputs that people's tools read. */
function stackOf({ machines, channelsOutput }: Definitions, topicArn: string, createdAt: number): FakeStack {
  const arns = Object.values(machines).map(({ machine, arn }) => [MACHINE_OUTPUTS[machine], arn]);
  const names = {
    [OUTPUTS.table]: TABLE_NAME,
    [OUTPUTS.topic]: topicArn,
    [OUTPUTS.schedule]: SCHEDULE_NAME,
    [OUTPUTS.watchTable]: WATCH_TABLE_NAME,
    [OUTPUTS.watchSchedule]: WATCH_SCHEDULE_NAME,
    [OUTPUTS.channels]: channelsOutput,
  };
  const outputs = { ...names, ...Object.fromEntries(arns) };
  return { name: DEFAULT_STACK_NAME, status: 'CREATE_COMPLETE', createdAt, outputs };
}
