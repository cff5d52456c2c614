import { levelAt, sharesFor } from '../../lambdas/core/at-risk.ts';
import type { RenewalPolicy } from '../../lambdas/core/declaration.ts';
import type { LimitWait } from '../../lambdas/core/limit-uses.ts';
import type { RecordedFailure, RoleRow, TargetRow, VersionRow } from '../../lambdas/core/rows.ts';
import type { KnownCertificate } from '../../lambdas/store/list-inventory.ts';

/** How a certificate stands, the first that holds: see {@link stateOf}. */
export type CertificateState = 'retired' | 'failing' | 'at-risk' | 'waiting-for-limit' | 'running' | 'due' | 'fine';

/** Something that fails, since when, and when it is tried again. Milliseconds since the epoch. */
export type FailureStatus = {
  /** `renewal`, or `target` and its id. */
  readonly what: string;
  readonly code: string;
  readonly message: string;
  readonly since: number;
  readonly count: number;
  readonly nextTryAt?: number;
};

/** What a target should serve, and what a look has shown that it serves. Versions are SHA-256 of leaves. */
export type TargetStatus = {
  readonly id: string;
  readonly kind: string;
  readonly desired?: string;
  readonly proven?: string;
  readonly state: 'proven' | 'failing' | 'on-its-way' | 'nothing-yet';
};

/** The limit of a CA that it waits for, and until when. */
export type LimitStatus = Pick<LimitWait, 'kind' | 'scope' | 'ca' | 'until'>;

/** What `perennial status` tells of a certificate. All instants are milliseconds since the epoch. */
export type CertificateStatus = {
  readonly name: string;
  readonly domains: readonly string[];
  /** Who issued what is served; before that, who is to. */
  readonly ca: string;
  readonly state: CertificateState;
  readonly needsAttention: boolean;
  readonly version?: string;
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly daysLeft?: number;
  /** When its renewal begins; the next try where it fails or waits. */
  readonly nextRenewalAt?: number;
  /** A run may be in flight until then. */
  readonly runUntil?: number;
  readonly failures: readonly FailureStatus[];
  readonly limit?: LimitStatus;
  readonly targets: readonly TargetStatus[];
};

const DAY_MS = 24 * 3_600_000;

/** What the rows of a certificate mean to a person; undefined for one whose declaration or role cannot be read. Pure. */
export function certificateStatus(
  { certificate, role, targets }: KnownCertificate,
  version: VersionRow | undefined,
  now: number,
): CertificateStatus | undefined {
  if (certificate === undefined || role === undefined) return undefined;
  const { name, domains, cas, renewal } = certificate.declaration;
  const atRisk = isAtRisk(role, renewal, now);
  const served = targets.filter(({ retired }) => retired !== true);
  const failures = failuresOf(role, served);
  const state = certificate.retired ? 'retired' : stateOf(role, failures, atRisk, now);
  return {
    name,
    domains,
    ca: version?.ca ?? cas[0].name,
    state,
    needsAttention: state === 'failing' || (state !== 'retired' && atRisk),
    ...lifeOf(role, now),
    ...planOf(role, now),
    failures,
    ...(role.limited !== undefined && { limit: limitOf(role.limited) }),
    targets: served.map(targetStatus),
  };
}

/** What is served, and how long it lives. */
function lifeOf({ version, notBefore, notAfter }: RoleRow, now: number): Partial<CertificateStatus> {
  return {
    ...(version !== undefined && { version }),
    ...(notBefore !== undefined && { notBefore }),
    ...(notAfter !== undefined && { notAfter, daysLeft: Math.floor((notAfter - now) / DAY_MS) }),
  };
}

/** What comes next. */
function planOf(role: RoleRow, now: number): Partial<CertificateStatus> {
  const { failure, limited, renewAt, dueAt } = role;
  const nextRenewalAt = failure === undefined && limited === undefined ? (renewAt ?? dueAt) : dueAt;
  return {
    ...(nextRenewalAt !== undefined && { nextRenewalAt }),
    ...(isRunning(role, now) && { runUntil: role.runUntil ?? now }),
  };
}

function stateOf(role: RoleRow, failures: readonly FailureStatus[], atRisk: boolean, now: number): CertificateState {
  if (failures.length > 0) return 'failing';
  if (atRisk) return 'at-risk';
  if (role.limited !== undefined && role.limited.until > now) return 'waiting-for-limit';
  if (isRunning(role, now)) return 'running';
  return role.dueAt !== undefined && role.dueAt <= now ? 'due' : 'fine';
}

/** By the rule of the watch, so that nobody is told one thing by mail and another here. */
function isAtRisk({ notBefore, notAfter }: RoleRow, policy: RenewalPolicy, now: number): boolean {
  if (notBefore === undefined || notAfter === undefined) return false;
  return levelAt({ notBefore, notAfter }, sharesFor(policy), now) !== undefined;
}

/** Whether a run may be in flight. */
export function isRunning({ runUntil }: Pick<RoleRow, 'runUntil'>, now: number): boolean {
  return runUntil !== undefined && runUntil > now;
}

function failuresOf(role: RoleRow, targets: readonly TargetRow[]): readonly FailureStatus[] {
  return [
    ...failureStatus('renewal', role.failure, role.dueAt),
    ...targets.flatMap(({ target, failure, publishFailure, dueAt }) => [
      ...failureStatus(`target ${target.id}`, failure, dueAt),
      ...failureStatus(`publishing the ARN of ${target.id}`, publishFailure, dueAt),
    ]),
  ];
}

function failureStatus(what: string, failure: RecordedFailure | undefined, dueAt: number | undefined): FailureStatus[] {
  if (failure === undefined) return [];
  const { code, message, since, count } = failure;
  return [{ what, code, message, since, count, ...(dueAt !== undefined && { nextTryAt: dueAt }) }];
}

function limitOf({ kind, scope, ca, until }: LimitWait): LimitStatus {
  return { kind, scope, ca, until };
}

function targetStatus({ target, desired, proven, failure }: TargetRow): TargetStatus {
  const { id, kind } = target;
  const state = targetState(desired, proven, failure !== undefined);
  return { id, kind, ...(desired !== undefined && { desired }), ...(proven !== undefined && { proven }), state };
}

function targetState(desired: string | undefined, proven: string | undefined, fails: boolean): TargetStatus['state'] {
  if (fails) return 'failing';
  if (desired === undefined) return 'nothing-yet';
  return desired === proven ? 'proven' : 'on-its-way';
}
