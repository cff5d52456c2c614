import type { HandlerName } from '../../infra/handlers.ts';
import type { MachineName } from '../../infra/machine-names.ts';

/** Whoever has a role in the account: a Lambda, a machine, a schedule. */
export type Principal = HandlerName | `${MachineName} machine` | 'schedule' | 'watch schedule';

/** The configurations that policies depend on: with hosted zones declared, or any zone of the account. */
export type Ground = 'declared zones' | 'any zone';

/** A call that each of `who` may make, or may not. */
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
  /** Default: zones are declared. */
  readonly ground?: Ground;
};

type Rest = Omit<PermissionCase, 'who' | 'action' | 'on' | 'why' | 'allowed'>;

type Say = (who: readonly Principal[], action: string, on: string, why: string, rest?: Rest) => PermissionCase;

const caseThat =
  (allowed: boolean): Say =>
  (who, action, on, why, rest = {}) => ({ who, action, on, why, allowed, ...rest });

/** All of `who` may. */
export const may = caseThat(true);

/** None of `who` may. */
export const mayNot = caseThat(false);
