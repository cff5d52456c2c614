import type { HandlerName } from '../../infra/handlers.ts';
import type { MachineName } from '../../infra/machine-names.ts';

/** Whoever has a role in the account: a Lambda, a machine, the schedule. */
export type Principal = HandlerName | `${MachineName} machine` | 'schedule';

/** A call that somebody may make or may not. */
export type PermissionCase = {
  readonly who: readonly Principal[];
  /** `service:Action`. */
  readonly action: string;
  /** Name of a resource, see `permission-resources.ts`. */
  readonly on: string;
  /** Condition keys of the request. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  readonly allowed: boolean;
  readonly why: string;
};

/** Cases in which all of `who` may call. */
export function may(
  who: readonly Principal[],
  action: string,
  on: string,
  why: string,
  context?: PermissionCase['context'],
): PermissionCase {
  return { who, action, on, why, allowed: true, ...(context && { context }) };
}

/** Cases in which none of `who` may call. */
export function mayNot(
  who: readonly Principal[],
  action: string,
  on: string,
  why: string,
  context?: PermissionCase['context'],
): PermissionCase {
  return { who, action, on, why, allowed: false, ...(context && { context }) };
}
