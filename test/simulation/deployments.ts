import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import { DEFAULT_RETRY } from '../../lambdas/core/retry-policy.ts';
import { syncInventory } from '../../lambdas/steps/sync-inventory.ts';
import type { Chance } from './chance.ts';
import type { Scenario, Site } from './scenario.ts';
import type { World } from './world.ts';

/** A failed deployment is repeated after so long. Milliseconds. */
const AGAIN_MS = 60_000;

/** What is declared, and how often each set of names was asked for: no more certificates than that may be issued. */
export class Deployments {
  readonly #world: World;
  readonly #sites: readonly Site[];
  readonly #variants = new Map<string, number | undefined>();
  readonly #asked = new Map<string, number>();
  /** Certificates whose declaration has changed since the first deployment. */
  readonly changed = new Set<string>();
  #last: Promise<void> = Promise.resolve();
  pending = 0;

  constructor(world: World, { sites }: Scenario) {
    this.#world = world;
    this.#sites = sites;
    for (const { name } of sites) this.#variants.set(name, 0);
    for (const site of this.declared()) this.#ask(site.domains);
  }

  declared(): readonly CertificateDeclaration[] {
    return this.#sites.flatMap((site) => {
      const variant = this.#variants.get(site.name);
      const domains = variant === undefined ? undefined : site.variants[variant];
      return domains === undefined ? [] : [this.#declaration(site, domains)];
    });
  }

  /** Names changed, or changed back; a certificate retired, or declared again. */
  change(chance: Chance): void {
    const site = chance.among(this.#sites);
    const variants = [...site.variants.keys(), undefined];
    this.#set(site, chance.among(variants));
    this.deploy();
  }

  /** Every certificate is declared again, as it was at last or as at first. */
  restore(): void {
    for (const site of this.#sites) if (this.#variants.get(site.name) === undefined) this.#set(site, 0);
    this.deploy();
  }

  /** Another certificate of each declared set of names will be needed: a renewal. */
  askAgain(): void {
    for (const { domains } of this.declared()) this.#ask(domains);
  }

  asked(names: string): number {
    return this.#asked.get(names) ?? 0;
  }

  /** One deployment after the other; each is repeated until it succeeds. */
  deploy(): void {
    const declarations = this.declared();
    this.pending += 1;
    this.#last = this.#last
      .then(() => this.#until(declarations))
      .finally(() => {
        this.pending -= 1;
      });
  }

  async #until(declarations: readonly CertificateDeclaration[]): Promise<void> {
    const { account, time } = this.#world;
    const { table, clock } = account.ports.base;
    for (;;) {
      try {
        await time.outside(() =>
          account.calls.invoke('sync-inventory', () =>
            syncInventory(declarations, { table, clock }, { allowRetire: true }),
          ),
        );
        return;
      } catch {
        await time.outside(() => time.clock.sleep(AGAIN_MS));
      }
    }
  }

  #set(site: Site, variant: number | undefined): void {
    if (this.#variants.get(site.name) === variant) return;
    this.#variants.set(site.name, variant);
    this.changed.add(site.name);
    const domains = variant === undefined ? undefined : site.variants[variant];
    if (domains !== undefined) this.#ask(domains);
  }

  #ask(domains: readonly string[]): void {
    const names = namesOf(domains);
    this.#asked.set(names, this.asked(names) + 1);
  }

  #declaration({ name, keyType, shared }: Site, domains: readonly string[]): CertificateDeclaration {
    const { ca, account } = this.#world;
    const local = {
      name: 'local',
      directoryUrl: ca.directoryUrl,
      environment: 'production',
      accountLabel: 'default',
    } as const;
    const servername = (domains[0] ?? '').replace('*', 'any');
    const handshake = { host: '127.0.0.1', port: account.edge.port, servername };
    return {
      name,
      domains: [...domains].sort(),
      keyType,
      cas: [{ ...local, contact: [], issuerRootsPem: ca.issuerRootsPem }],
      targets: [{ id: 'acm', kind: 'acm', probe: shared ? 'control-plane' : handshake }],
      renewal: {},
      retry: DEFAULT_RETRY,
    };
  }
}

/** A set of names as one text. */
export function namesOf(domains: readonly string[]): string {
  return [...domains].sort().join(',');
}
