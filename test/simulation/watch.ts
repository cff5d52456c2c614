import { X509Certificate } from 'node:crypto';
import type { AcmAccount } from '../../local/aws/acm.ts';
import type { Written } from '../../local/aws/memory-dynamodb/memory-dynamodb.ts';
import type { Attributes } from '../../local/aws/memory-dynamodb/values.ts';

type Served = { readonly names: string; readonly notBefore: number; readonly notAfter: number };

/** The oracles that hold at every moment. What breaks one is written down, and the run goes on. */
export class Watch {
  readonly violations: string[] = [];
  readonly #now: () => number;
  readonly #onWire = new Map<string, number>();
  #served = new Map<string, Served>();

  constructor(now: () => number) {
    this.#now = now;
  }

  violated(what: string): void {
    this.violations.push(`${new Date(this.#now()).toISOString()} ${what}`);
  }

  /** A request leaves a step: of an order at most one finalize is on the wire. */
  sent(url: string): void {
    const flying = (this.#onWire.get(url) ?? 0) + 1;
    this.#onWire.set(url, flying);
    if (flying > 1 && url.includes('/finalize/')) this.violated(`two finalizes of ${url} are on the wire`);
  }

  /** The CA has it and has answered, or it is lost. */
  left(url: string): void {
    this.#onWire.set(url, (this.#onWire.get(url) ?? 1) - 1);
  }

  /** Fences and claims only grow, and a new holder has a new fence. */
  wrote({ before, after }: Written): void {
    const pk = textOf(after, 'pk') ?? textOf(before, 'pk') ?? '';
    if (after === undefined) this.violated(`row ${pk} was deleted`);
    if (after === undefined || before === undefined) return;
    for (const name of ['fence', 'startSeq'])
      if (numberOf(after, name) < numberOf(before, name))
        this.violated(
          `${name} of ${pk} ${textOf(after, 'sk')} fell from ${numberOf(before, name)} to ${numberOf(after, name)}`,
        );
    const isTaken =
      'owner' in after &&
      (textOf(after, 'owner') !== textOf(before, 'owner') || textOf(after, 'token') !== textOf(before, 'token'));
    if (isTaken && numberOf(after, 'fence') === numberOf(before, 'fence'))
      this.violated(`slot ${pk} has a new holder with the old fence ${numberOf(after, 'fence')}`);
  }

  /** A certificate that is served neither disappears nor gives way to an older one for the same names, or to a dead one. */
  follow(acm: AcmAccount): void {
    acm.onChange(() => {
      const served = new Map(acm.certificates().map(({ arn, leafPem, domains }) => [arn, servedOf(leafPem, domains)]));
      for (const [arn, before] of this.#served) {
        const after = served.get(arn);
        if (after === undefined) this.violated(`${arn} is served no more`);
        else if (after.names === before.names && after.notBefore < before.notBefore)
          this.violated(`${arn} serves an older certificate than before`);
      }
      for (const [arn, { notAfter }] of served)
        if (notAfter <= this.#now()) this.violated(`${arn} serves a certificate that is over`);
      this.#served = served;
    });
  }
}

function servedOf(leafPem: string, domains: readonly string[]): Served {
  const { validFromDate, validToDate } = new X509Certificate(leafPem);
  return { names: [...domains].sort().join(), notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() };
}

function textOf(item: Attributes | undefined, name: string): string | undefined {
  const value = item?.[name];
  return value !== undefined && 'S' in value ? value.S : undefined;
}

function numberOf(item: Attributes, name: string): number {
  const value = item[name];
  return value !== undefined && 'N' in value ? Number(value.N) : 0;
}
