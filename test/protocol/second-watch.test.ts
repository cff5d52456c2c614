import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { App } from 'aws-cdk-lib';
import { afterEach, describe, expect, it } from 'vitest';
import { placeholderCode } from '../../infra/bundle/placeholder.ts';
import { SecondWatchStack } from '../../infra/second-watch/second-watch-stack.ts';
import { METRIC_NAMESPACE } from '../../lambdas/core/metric-names.ts';
import type { WatchList } from '../../lambdas/core/watch-list.ts';
import { watchListOf } from '../../lambdas/core/watch-list.ts';
import { createHeartbeats, HEARTBEAT_SETTINGS } from '../../lambdas/ports/heartbeats.ts';
import type { SecondWatchPorts } from '../../lambdas/steps/ports.ts';
import { secondWatch } from '../../lambdas/steps/second-watch.ts';
import { CloudWatchAccount } from '../../local/aws/cloudwatch.ts';
import { AwsFault } from '../../local/aws/fault.ts';
import { connectFake } from '../../local/aws/seam.ts';
import { EMPTY_CONFIG } from '../../local/embedded/account.ts';
import { alarmsOf } from '../../local/embedded/alarm-definitions.ts';
import { resolveText, type TemplateResources } from '../../local/embedded/template-values.ts';
import { DAY, HOUR, MINUTE, startVirtualAccount, type VirtualAccount } from '../support/virtual-account.ts';

const WATCHED = { stackName: 'Perennial', region: 'us-east-1' };
const NAME = 'Perennial-second-watch';

/** The template of the second stack. */
const template: TemplateResources = (() => {
  const app = new App({ builtinCloudFormationValidation: false });
  const config = { ...EMPTY_CONFIG, alerts: { ...EMPTY_CONFIG.alerts, email: ['ops@your.domain'] } };
  const code = placeholderCode('watch');
  new SecondWatchStack(app, NAME, { env: { region: 'eu-central-1' }, config, watched: WATCHED, code });
  return app.synth().getStackByName(NAME).template.Resources;
})();

/** What its Lambda is given. */
function setting(name: string): string {
  const lambda = Object.values(template).find(
    ({ Type, Properties }) => Type === 'AWS::Lambda::Function' && Properties.Environment !== undefined,
  );
  const { Variables } = (lambda?.Properties.Environment ?? {}) as {
    readonly Variables?: Readonly<Record<string, unknown>>;
  };
  return resolveText(Variables?.[name], template);
}
/** The second stack, in a region of its own: metrics and alarms that are not the first's. */
class Elsewhere {
  readonly cloudWatch = new CloudWatchAccount();
  readonly #account: VirtualAccount;
  readonly #ports: SecondWatchPorts;
  /** Whether its Lambda runs, and whether it reaches the other region. */
  runs = true;
  reaches = true;

  constructor(account: VirtualAccount, list: WatchList) {
    this.#account = account;
    const { clock, log, handshakes, revocations, listSubscriptions } = account.ports.watch;
    this.cloudWatch.createAlarms(alarmsOf(template), clock.now());
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = connectFake(
      new CloudWatchClient({ region: setting('WATCHED_REGION'), credentials, ...HEARTBEAT_SETTINGS }),
      {
        call: (...asked) =>
          this.reaches ? account.cloudWatch.call(...asked) : Promise.reject(new AwsFault('Unavailable', 'gone', 400)),
      },
    );
    this.#ports = {
      clock,
      log,
      handshakes,
      revocations,
      listSubscriptions,
      readList: async () => list,
      metrics: {
        publish: (values) =>
          this.cloudWatch.putAll(METRIC_NAMESPACE, { service: setting('STACK_NAME') }, values, clock.now()),
      },
      readHeartbeats: createHeartbeats(client, clock, {
        stackName: setting('WATCHED_STACK'),
        sweepMachineArn: setting('SWEEP_MACHINE_ARN'),
        sweepsWithinMs: Number(setting('SWEEPS_WITHIN_SECONDS')) * 1000,
        watchesWithinMs: Number(setting('WATCHES_WITHIN_SECONDS')) * 1000,
      }),
    };
  }

  async watch(): Promise<void> {
    if (this.runs) await secondWatch(this.#ports);
  }

  /** Names of the alarms that have begun or ended in this minute. */
  judge(): readonly (readonly [string, 'ALARM' | 'OK' | 'INSUFFICIENT_DATA'])[] {
    const now = this.#account.virtual.clock.now();
    return this.cloudWatch.evaluate(now).map(({ alarm, to }) => [alarm.name.replace(`${NAME}-`, ''), to] as const);
  }
}

type Told = readonly [name: string, hours: number];

let account: VirtualAccount;
let elsewhere: Elsewhere;
afterEach(() => account.close());

const now = () => account.virtual.clock.now();

async function begun(): Promise<{ readonly notBefore: number; readonly notAfter: number }> {
  account = await startVirtualAccount();
  const declarations = [account.declaration('site', ['example.test'])];
  await account.deploy(declarations);
  await account.sweep();
  elsewhere = new Elsewhere(account, watchListOf(declarations));
  // A deployment ends with a look.
  await elsewhere.watch();
  expect(await live(6 * HOUR)).toEqual([]);
  const { notBefore = 0, notAfter = 0 } = await account.role('site');
  return { notBefore, notAfter };
}

/** Lives for so long; both watch once an hour. Which alarms of the second have begun, after how many hours. */
async function live(
  ms: number,
  { sweeps = true, watches = true }: { readonly sweeps?: boolean; readonly watches?: boolean } = {},
): Promise<readonly Told[]> {
  const told: Told[] = [];
  const from = now();
  for (let step = 0; now() < from + ms; step += 1) {
    if (sweeps && step % 3 === 0) await account.sweep();
    if (watches && step % 12 === 0) await account.watch();
    if (step % 12 === 6) await elsewhere.watch();
    await account.virtual.advance(5 * MINUTE);
    const began = elsewhere.judge().filter(([, to]) => to === 'ALARM');
    told.push(...began.map(([name]) => [name, (now() - from) / HOUR] as const));
  }
  return told;
}

const names = (told: readonly Told[]) => told.map(([name]) => name);

describe('The second watch, in another region', () => {
  it('is silent while the watched stack sweeps and watches, and what is served is good', async () => {
    await begun();
    expect(await live(2 * DAY)).toEqual([]);
    expect(new Set(Object.values(elsewhere.cloudWatch.states()))).toEqual(new Set(['OK']));
  });

  it('says that no sweep succeeds, once that stack has had its time to say so itself', async () => {
    await begun();
    const [[name, hours] = ['', 0], ...others] = await live(8 * HOUR, { sweeps: false });
    expect([name, others]).toEqual(['elsewhere-sweep-missing', []]);
    expect(hours).toBeGreaterThan(2.25);
    expect(hours).toBeLessThanOrEqual(5);
    await live(2 * HOUR);
    expect(elsewhere.cloudWatch.states()[`${NAME}-elsewhere-sweep-missing`]).toBe('OK');
  });

  it('says that the watch of that stack has stopped', async () => {
    await begun();
    const told = await live(8 * HOUR, { watches: false });
    expect(names(told)).toEqual(['elsewhere-watch-missing']);
    expect(told[0]?.[1]).toBeGreaterThan(3);
    expect(told[0]?.[1]).toBeLessThanOrEqual(6);
  });

  it('says both when it can read nothing of that region for two hours', async () => {
    await begun();
    elsewhere.reaches = false;
    const told = await live(4 * HOUR);
    expect(names(told).toSorted()).toEqual(['elsewhere-sweep-missing', 'elsewhere-watch-missing']);
    for (const [, hours] of told) expect(hours).toBeLessThanOrEqual(3);
  });

  it('says before its end that what is served ends, where nobody renews it', async () => {
    const { notBefore, notAfter } = await begun();
    const life = notAfter - notBefore;
    await account.virtual.advance(notAfter - life / 20 - 12 * HOUR - now());
    // Both were asleep, and wake up at the same time.
    await live(6 * HOUR, { sweeps: false });
    elsewhere.judge();
    const told = await live(DAY, { sweeps: false });
    expect(names(told)).toEqual(['elsewhere-ending']);
    expect(now()).toBeLessThan(notAfter);
  });

  it('says after a day that what is served was revoked', async () => {
    await begun();
    account.ca.control.revoke(account.ca.control.certificates()[0]?.certId ?? '');
    const told = await live(2 * DAY, { sweeps: false, watches: false });
    const [, hours = 0] = told.find(([name]) => name === 'elsewhere-wrong') ?? [];
    expect(hours).toBeGreaterThan(23);
    expect(hours).toBeLessThanOrEqual(26);
  });

  it('leaves hosts that cannot be reached to the first', async () => {
    await begun();
    const [held] = account.acm.certificates();
    await account.acm.call('DeleteCertificate', { CertificateArn: held?.arn });
    expect(await live(2 * DAY, { sweeps: true })).toEqual([]);
  });

  it('says of itself that it does not look any more', async () => {
    await begun();
    elsewhere.runs = false;
    const told = await live(8 * HOUR);
    expect(names(told)).toEqual(['second-watch-missing']);
    expect(told[0]?.[1]).toBeLessThanOrEqual(5);
  });
});
