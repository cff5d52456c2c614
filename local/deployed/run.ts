import { setTimeout as delay } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { DemoReport } from '../demo-report.ts';
import { type AuthorityName, type RequestCounts, startAuthority } from './authority.ts';
import { type CertificateState, certificateState, tableOf } from './certificates.ts';
import { type DemoStackOptions, deployDemo } from './demo-stack.ts';
import { type EndedExecution, ExecutionWatch, type Machine, machinesIn } from './executions.ts';
import { type DeployedGround, startGround } from './ground.ts';
import type { Refusal } from './ministack.ts';
import { CERTIFICATES } from './names.ts';
import { challengesIn } from './route53-zones.ts';

/** From the deployment to the last proof; a run takes about 40 seconds of it. */
const DEADLINE_MS = 240_000;
const LOOK_MS = 500;
/** Whatever the deployment itself starts has this name; the other sweeps are the schedule's. */
const STARTED_BY_DEPLOYMENT = /^deployment-/;

export interface DemoOptions extends DemoStackOptions {
  readonly ca: AuthorityName;
}

/** Something that the demo shows was not so. */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure';
}

function describeRefusal({ principal, action, resource }: Refusal): string {
  return `IAM refused ${action} on ${resource} to ${principal.replace(/^.*:assumed-role\//, '')}`;
}

/** A refusal is a failure even where the Lambda lives with it: a role without its permission is a defect of the stack. */
function failOnRefusal(ground: DeployedGround): void {
  const [refusal] = ground.ministack.refusals();
  if (refusal !== undefined) throw new DemoFailure(describeRefusal(refusal));
}

/** What a refusal has broken says less than the refusal. */
async function deployStack(ground: DeployedGround, options: DemoOptions): Promise<Readonly<Record<string, string>>> {
  try {
    return await deployDemo(ground, options);
  } catch (error) {
    failOnRefusal(ground);
    throw error;
  }
}

function describeExecution({ machine, name, status, transitions, failure }: EndedExecution): string {
  const ending = failure === undefined ? `${transitions} transitions` : failure;
  return `${machine} ${name}: ${status.toLowerCase()}, ${ending}`;
}

function missingOf(state: CertificateState): string[] {
  const { name, fingerprint, servedFingerprint, proven, waitingMessages } = state;
  if (fingerprint === undefined) return [`${name} has not been issued`];
  if (servedFingerprint !== fingerprint) return [`the edge does not serve ${name}`];
  if (!proven) return [`${name} is not proven at its target`];
  return waitingMessages > 0 ? [`${waitingMessages} messages about ${name} wait`] : [];
}

interface Sight {
  readonly ground: DeployedGround;
  readonly watch: ExecutionWatch;
  readonly certificates: readonly CertificateState[];
}

/** What is still to happen, in words; nothing when all has been shown. */
function missing({ ground, watch, certificates }: Sight): string[] {
  const scheduled = watch.ended.some(({ machine, name }) => machine === 'sweep' && !STARTED_BY_DEPLOYMENT.test(name));
  return [
    ...certificates.flatMap(missingOf),
    ...(watch.running > 0 ? [`${watch.running} executions run`] : []),
    ...challengesIn(ground.zones.source).map((name) => `${name} still has its TXT record`),
    ...(scheduled ? [] : ['the schedule has not started a sweep']),
  ];
}

async function look(sight: Omit<Sight, 'certificates'>, table: ReturnType<typeof tableOf>, say: DemoOptions['say']) {
  const ended = await sight.watch.look();
  failOnRefusal(sight.ground);
  for (const execution of ended) {
    say(describeExecution(execution));
    if (execution.failure !== undefined) throw new DemoFailure(describeExecution(execution));
  }
  const certificates = await Promise.all(CERTIFICATES.map((one) => certificateState(sight.ground, table, one)));
  return { ...sight, certificates };
}

async function untilShown(ground: DeployedGround, options: DemoOptions): Promise<Sight> {
  const outputs = await deployStack(ground, options);
  const watch = new ExecutionWatch(new SFNClient(ground.ministack.client), machinesIn(outputs));
  const table = tableOf(ground.ministack.client, outputs.TableName ?? '');
  const giveUpAt = Date.now() + DEADLINE_MS;
  for (;;) {
    const sight = await look({ ground, watch }, table, options.say);
    const open = missing(sight);
    if (open.length === 0) return sight;
    if (Date.now() > giveUpAt) throw new DemoFailure(`after ${DEADLINE_MS / 1000} seconds ${open.join(', ')}`);
    await delay(LOOK_MS, undefined, options.signal ? { signal: options.signal } : {});
  }
}

function sum(counts: RequestCounts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function reportOf({ ground, watch, certificates }: Sight, startedAt: number): DemoReport {
  const byKind = ground.authority.requests();
  const longest = (machine: Machine) =>
    Math.max(0, ...watch.ended.filter((one) => one.machine === machine).map(({ transitions }) => transitions));
  return {
    ok: true,
    ca: ground.authority.version,
    account: ground.ministack.version,
    certificates: certificates.map(
      ({ name, domains, versions, fingerprint = '', servedFingerprint = '', notAfter }) => ({
        name,
        domains,
        versions,
        fingerprint,
        servedFingerprint,
        notAfter: new Date(notAfter ?? 0).toISOString(),
      }),
    ),
    acme: { requests: sum(byKind), byKind, newOrders: byKind.newOrder ?? 0, finalizes: byKind.finalize ?? 0 },
    transitions: { renewal: longest('renewal'), push: longest('push'), sweep: longest('sweep') },
    seconds: Math.round((Date.now() - startedAt) / 100) / 10,
  };
}

/** One order and one finalize a certificate, and the certificate that ACM was given is the one that is served. */
function judge({ acme, certificates }: DemoReport): void {
  const expected = certificates.length;
  if (acme.newOrders !== expected || acme.finalizes !== expected) {
    throw new DemoFailure(`${expected} certificates took ${acme.newOrders} orders and ${acme.finalizes} finalizes`);
  }
}

function sayCertificates({ certificates }: Sight, say: DemoOptions['say']): void {
  for (const { name, domains, arn, servedFingerprint } of certificates) {
    say(`${name} (${domains.join(', ')}): ${arn}`);
    say(`  served with SHA-256 ${servedFingerprint}`);
  }
}

/**
 * Deploys the stack into an account of its own, lets it get and push the demo's certificates, and stops everything again.
 * @throws DemoFailure naming what was not as it should be; other errors where something could not be started
 */
export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const startedAt = Date.now();
  const { say, ca } = options;
  const ground = await startGround({ say, authority: (dnsServer) => startAuthority(ca, dnsServer) });
  try {
    const sight = await untilShown(ground, options);
    sayCertificates(sight, options.say);
    const report = reportOf(sight, startedAt);
    judge(report);
    return report;
  } finally {
    await ground.stop();
  }
}
