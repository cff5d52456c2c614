import type { Route53Client } from '@aws-sdk/client-route-53';
import type { AssumableRole, DeclaredZones } from '../core/dns-zones.ts';
import { Route53Api } from './route53-api.ts';

/** Between the zone and the change in the id of a change that another account has made. */
const SEPARATOR = ':';

/** Route 53 in this account and, by roles, in those that have declared zones. */
export class ZoneApis {
  readonly own: Route53Api;
  readonly #clientAs: (role: AssumableRole) => Route53Client;
  readonly #roles: ReadonlyMap<string, AssumableRole>;
  readonly #byRole = new Map<AssumableRole, Route53Api>();

  constructor(own: Route53Client, clientAs: (role: AssumableRole) => Route53Client, { zones }: DeclaredZones) {
    this.own = new Route53Api(own);
    this.#clientAs = clientAs;
    this.#roles = new Map(zones.flatMap(({ zoneId, role }) => (role === undefined ? [] : [[zoneId, role]])));
  }

  /** The account that has the zone. */
  of(zoneId: string): Route53Api {
    const role = this.#roles.get(zoneId);
    if (role === undefined) return this.own;
    const api = this.#byRole.get(role) ?? new Route53Api(this.#clientAs(role));
    this.#byRole.set(role, api);
    return api;
  }

  /** A change's id as it is handed out: other accounts' changes are asked for by their zone. */
  changeIdIn(zoneId: string, changeId: string): string {
    return this.#roles.has(zoneId) ? `${zoneId}${SEPARATOR}${changeId}` : changeId;
  }

  /** The reverse of {@link changeIdIn}. */
  changeOf(id: string): { readonly api: Route53Api; readonly changeId: string } {
    const [zoneId = '', changeId] = id.split(SEPARATOR);
    return changeId === undefined ? { api: this.own, changeId: id } : { api: this.of(zoneId), changeId };
  }
}
