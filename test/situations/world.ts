import type { CertificateDeclaration } from '../../lambdas/core/declaration.ts';
import { AwsFault } from '../../local/aws/fault.ts';
import type { OutsideCall } from '../../local/embedded/calls.ts';
import { HOUR, MINUTE, START, startVirtualAccount, type VirtualAccount } from '../support/virtual-account.ts';

/** Something that reached people, or an alarm. */
export type Told = { readonly at: number; readonly what: string };

/** How a world differs from the usual. */
export type WorldOptions = {
  /** How far the CA's clock is behind. Milliseconds. */
  readonly caBehindMs?: number;
  /** The edge serves what it is given only when it catches up. */
  readonly edgeLags?: boolean;
};

/** Certificates live 160 hours here: renewal begins at half of that, at risk is a sixth, urgent a twentieth. */
const PROFILE = 'shortlived';
const STEP = 30 * MINUTE;

/** One account in virtual time, in which something goes wrong, and all that it tells from then on. */
export class World {
  readonly account: VirtualAccount;
  /** Whether the schedules of sweep and watch are enabled. */
  sweeps = true;
  watches = true;
  readonly told: Told[] = [];
  #from = 0;
  #messages = 0;
  #steps = 0;
  readonly #refused = new Set<(call: OutsideCall) => boolean>();

  private constructor(account: VirtualAccount) {
    this.account = account;
    account.calls.plan = async (call, act) => {
      if ([...this.#refused].some((refuses) => refuses(call)))
        throw new AwsFault('AccessDeniedException', `${call.service} ${call.operation} is not allowed`, 400);
      return act();
    };
  }

  static async start({ caBehindMs = 0, edgeLags = false }: WorldOptions = {}): Promise<World> {
    let account: VirtualAccount | undefined;
    const now = () => (account?.virtual.clock.now() ?? START) - caBehindMs;
    account = await startVirtualAccount({ inProcess: {}, edgeLags }, { defaultProfile: PROFILE, now });
    return new World(account);
  }

  get now(): number {
    return this.account.virtual.clock.now();
  }

  /** The certificate that most is about. */
  site(changes: Partial<CertificateDeclaration> = {}): CertificateDeclaration {
    return this.account.declaration('site', ['example.test'], changes);
  }

  /** Issues what is declared, lets a day pass, and forgets what was told of that. */
  async issue(...declarations: readonly CertificateDeclaration[]): Promise<void> {
    await this.account.deploy(declarations.length > 0 ? declarations : [this.site()]);
    await this.live(0.5);
    this.account.edge.catchUp();
    await this.live(5.5);
    this.forget();
  }

  /** What is told counts from now on. */
  forget(): void {
    this.told.length = 0;
    this.#from = this.now;
  }

  /** Hours since what is told counts. */
  hoursAt({ at }: Told): number {
    return (at - this.#from) / HOUR;
  }

  /** Lives for so many hours: sweeps, watches, and CloudWatch judging the alarms. */
  async live(hours: number): Promise<void> {
    const end = this.now + hours * HOUR;
    while (this.now < end) {
      if (this.sweeps) await this.account.sweep();
      if (this.watches && this.#steps % 2 === 0) await this.account.watch().catch(() => undefined);
      this.#steps += 1;
      await this.account.virtual.advance(STEP);
      this.#hear();
    }
  }

  /** Lives until so many hours of what is served are left. */
  async liveUntilLeft(hours: number): Promise<void> {
    const { notAfter = 0 } = await this.account.role('site');
    await this.live((notAfter - this.now) / HOUR - hours);
  }

  /** Refuses calls to AWS, until what it answers is called. */
  refuse(refuses: (call: OutsideCall) => boolean): () => void {
    this.#refused.add(refuses);
    return () => this.#refused.delete(refuses);
  }

  /** The CA answers every request of a kind with a problem, until what it answers is called. */
  breakCa(status = 500, type = 'serverInternal', headers: Readonly<Record<string, string>> = {}): () => void {
    const body = JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail: 'as the situation has it' });
    const fault = {
      kind: 'answer',
      status,
      body,
      headers: { 'content-type': 'application/problem+json', ...headers },
    } as const;
    const placed = this.account.ca.faults.add({ endpoint: 'newOrder', fault, times: Number.POSITIVE_INFINITY });
    return () => placed.remove();
  }

  #hear(): void {
    const at = this.now;
    const messages = this.account.sns.messages();
    for (const { subject = '' } of messages.slice(this.#messages))
      this.told.push({ at, what: subject.replace(/^Perennial: /, '') });
    this.#messages = messages.length;
    for (const { alarm, from, to } of this.account.cloudWatch.evaluate(at)) {
      const name = alarm.name.replace(/^Perennial-/, '');
      if (to === 'ALARM') this.told.push({ at, what: `alarm ${name}` });
      if (from === 'ALARM') this.told.push({ at, what: `alarm ${name} is over` });
    }
  }
}
