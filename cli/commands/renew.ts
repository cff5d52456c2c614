import type { Command } from 'commander';
import { renewalReason } from '../../lambdas/core/renewal.ts';
import type { RoleRow } from '../../lambdas/core/rows.ts';
import { readRole } from '../../lambdas/store/certificates.ts';
import { type FoundCertificate, findCertificate } from '../account/find-certificate.ts';
import { type Account, type Desk, openAccount } from '../desk.ts';
import { CliError } from '../errors.ts';
import type { Outcome } from '../outcome.ts';
import { when } from '../output/times.ts';
import { followRun, type RunEnd } from '../renew/follow-run.ts';
import { followTargets, type TargetEnd } from '../renew/follow-targets.ts';
import { limitWarnings } from '../renew/limit-warnings.ts';
import { executionArnOf, startRenewal } from '../renew/start-renewal.ts';
import type { RunCommand } from '../run-command.ts';
import { isRunning } from '../status/certificate-status.ts';

/** How a renewal is asked for. */
export type RenewOptions = {
  /** Also where nothing calls for it, and where a CA has asked to wait. */
  readonly force: boolean;
  /** To its end, and that of its pushes. */
  readonly wait: boolean;
};

/** What became of a request to renew. */
type Request = {
  readonly result: 'started' | 'already-running' | 'not-needed' | 'must-wait' | 'not-started';
  readonly message: string;
  readonly execution?: string;
  readonly startSeq?: number;
};

/** Adds `perennial renew <certificate>`. */
export function addRenew(program: Command, run: RunCommand): void {
  run(
    program
      .command('renew')
      .description('start the renewal of a certificate now that is due, fails or waits')
      .argument('<certificate>', 'its name')
      .option('--force', 'also where it is not due, and where its CA has asked to wait', false)
      .option('--wait', 'follow it until the certificate is served, and tell each status', false),
    (desk, [certificate = ''], { force, wait }) =>
      renew(desk, certificate, { force: force === true, wait: wait === true }),
  );
}

/**
 * Makes a renewal due and starts it. Exit code 1 where nothing was started, or where what was followed did not end well.
 * Throws CliError for a certificate that is not known or retired.
 */
export async function renew(desk: Desk, name: string, { force, wait }: RenewOptions): Promise<Outcome> {
  const account = await openAccount(desk);
  const found = await findCertificate(account, name);
  if (found.certificate.retired)
    throw new CliError(`certificate is "${name}": it is retired`, 'Put it back into the configuration and deploy.');
  const warnings = await limitWarnings(account.table, found.certificate, found.role, desk.clock.now());
  const request = refusalOf(found, force, desk.clock.now()) ?? (await start(desk, account, name, force));
  for (const warning of warnings) desk.tell(`warning: ${warning}`);
  desk.tell(request.message);
  const followed =
    wait && request.startSeq !== undefined ? await follow(desk, account, name, request.startSeq) : undefined;
  const { startSeq: _, ...told } = request;
  return {
    exitCode: exitCodeOf(request, followed),
    data: { certificate: name, ...told, warnings, ...followed },
    lines: () => (followed === undefined ? [] : [endLine(name, followed, desk.clock.now())]),
  };
}

/** Why nothing is started; undefined where something may be. */
function refusalOf({ certificate, role }: FoundCertificate, force: boolean, now: number): Request | undefined {
  const { name } = certificate.declaration;
  if (isRunning(role, now)) return undefined;
  const waitUntil = waitOf(role, now);
  if (!force && waitUntil !== undefined)
    return {
      result: 'must-wait',
      message: `Nothing was started: ${role.limited?.ca ?? role.failure?.ca ?? 'its CA'} is to be left alone until ${when(waitUntil, now)}. --force asks it all the same.`,
    };
  if (force || renewalReason(role, certificate.hash, now) !== undefined) return undefined;
  const next = role.renewAt === undefined ? '' : ` Its renewal begins at ${when(role.renewAt, now)}.`;
  return {
    result: 'not-needed',
    message: `Nothing was started: ${name} needs no renewal now.${next} --force renews it all the same, which counts in its CA's limits.`,
  };
}

/** Until when a CA, or its limit, is to be left alone. */
function waitOf({ failure, limited }: RoleRow, now: number): number | undefined {
  const until = Math.max(failure?.retryAt ?? 0, limited?.until ?? 0);
  return until > now ? until : undefined;
}

async function start(desk: Desk, account: Account, name: string, force: boolean): Promise<Request> {
  const before = await readRole(account.table, name);
  if (before !== undefined && isRunning(before, desk.clock.now())) return running(account, name, before);
  const { outcome, refusal } = await startRenewal(desk, account, name, force);
  if (outcome === 'refused')
    return {
      result: 'not-started',
      message: `Nothing was started: ${refusal instanceof Error ? (refusal.message.split('\n')[0] ?? '') : 'its execution was refused'} The next sweep tries again.`,
    };
  const role = await readRole(account.table, name);
  if (role === undefined) return { result: 'not-started', message: `Nothing was started: ${name} is gone.` };
  if (outcome === 'lost') return running(account, name, role);
  const execution = executionArnOf(account, name, role.startSeq);
  return {
    result: 'started',
    message: `Renewal of ${name} has begun: ${execution}`,
    execution,
    startSeq: role.startSeq,
  };
}

/** A run in flight is never overtaken. */
function running(account: Account, name: string, { startSeq }: RoleRow): Request {
  const execution = executionArnOf(account, name, startSeq);
  return {
    result: 'already-running',
    message: `A run of ${name} is under way already: ${execution}`,
    execution,
    startSeq,
  };
}

type Followed = { readonly run: RunEnd; readonly targets: readonly TargetEnd[] };

async function follow(desk: Desk, account: Account, name: string, startSeq: number): Promise<Followed> {
  const run = await followRun(desk, account, name, startSeq);
  const targets = run.end === 'renewed' ? await followTargets(desk, account, name, run.version) : [];
  return { run, targets };
}

function exitCodeOf({ result }: Request, followed: Followed | undefined): 0 | 1 {
  if (result !== 'started' && result !== 'already-running') return 1;
  if (followed === undefined) return 0;
  const isServed = followed.run.end === 'renewed' && followed.targets.every(({ end }) => end === 'proven');
  return isServed ? 0 : 1;
}

function endLine(name: string, { run, targets }: Followed, now: number): string {
  if (run.end === 'renewed') {
    const behind = targets.filter(({ end }) => end !== 'proven').map(({ target }) => target);
    if (behind.length > 0) return `${name} was renewed, but is not served by ${behind.join(', ')} yet.`;
    return `${name} was renewed and is served: ${run.version}`;
  }
  const next = run.nextTryAt === undefined ? '' : ` Next try: ${when(run.nextTryAt, now)}.`;
  if (run.end === 'failed')
    return `${name} was not renewed (${run.code}): ${run.message.replace(/[.\s]*$/, '')}.${next}`;
  return `${name} was not renewed yet: its run was put off.${next} \`perennial status ${name}\` says why.`;
}
