import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { AcmAccount } from '../aws/acm.ts';
import { startDnsServer } from '../dns/server.ts';
import { type Edge, startEdge } from '../edge/edge.ts';
import { startAcmFront } from './acm-front.ts';
import { type Authority, type AuthorityName, startAuthority } from './authority.ts';
import { bootstrap, type CdkApp, deploy } from './cdk.ts';
import { Closing } from './closing.ts';
import { type MiniStack, startMiniStack } from './ministack.ts';
import { ZONES } from './names.ts';
import { type PolledZones, pollRoute53 } from './route53-zones.ts';
import { SURROUNDINGS_FILE, type Surroundings } from './surroundings.ts';

/** With it a schedule of five minutes fires after half a minute. */
const RATE_SCALE = '0.1';
/** The shipped application. */
const APP = 'node infra/start.mjs';
const CONFIG = join('local', 'deployed', 'perennial.config.ts');
const STACK = 'Perennial';

export interface GroundOptions {
  readonly ca: AuthorityName;
  readonly say: (line: string) => void;
  /** Synthesises another application, for whoever wants to see a deployment fail. */
  readonly app?: string;
  /** Added to the environment of the application. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** An account, a CA, a DNS server and a TLS edge that belong together, with nothing deployed yet. */
export interface DeployedGround {
  readonly ministack: MiniStack;
  readonly acm: AcmAccount;
  readonly authority: Authority;
  readonly zones: PolledZones;
  readonly edge: Edge;
  /** `cdk bootstrap` and `cdk deploy`. @returns the stack's outputs */
  deploy(): Promise<Readonly<Record<string, string>>>;
  stop(): Promise<void>;
}

/** MiniStack with our ACM in front of its own. */
async function startAccount(acm: AcmAccount, closing: Closing, say: GroundOptions['say']): Promise<MiniStack> {
  const ministack = await startMiniStack({
    told: say,
    environment: async (ground) => {
      const front = await startAcmFront(acm, ground);
      closing.add(() => front.stop());
      return { AWS_ENDPOINT_URL_ACM: front.endpoint, PERENNIAL_RATE_SCALE: RATE_SCALE };
    },
  });
  closing.add(() => ministack.stop());
  say(`${ministack.version} answers at ${ministack.endpoint}; its IAM decides what each Lambda may do`);
  say('differences to AWS: ACM is our strict one in front of its own; schedules run ten times faster than written');
  return ministack;
}

async function createZones(ministack: MiniStack, closing: Closing): Promise<PolledZones> {
  const client = new Route53Client(ministack.client);
  for (const Name of ZONES) await client.send(new CreateHostedZoneCommand({ Name, CallerReference: Name }));
  const zones = await pollRoute53(client);
  closing.add(() => zones.stop());
  return zones;
}

async function appOf(ministack: MiniStack, surroundings: Surroundings, options: GroundOptions): Promise<CdkApp> {
  const { accountId, region, folder } = ministack;
  const file = join(folder, 'surroundings.json');
  await writeFile(file, JSON.stringify(surroundings));
  return {
    app: options.app ?? APP,
    env: { ...ministack.env, ...options.env, [SURROUNDINGS_FILE]: file },
    accountId,
    region,
    folder,
    context: { config: CONFIG },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}

async function deployStack(app: CdkApp, say: GroundOptions['say']): Promise<Readonly<Record<string, string>>> {
  await bootstrap(app);
  say('cdk bootstrap: done');
  const outputs = (await deploy(app))[STACK];
  if (outputs === undefined) throw new Error(`the application has no stack ${STACK}`);
  say('cdk deploy: done');
  return outputs;
}

async function open(options: GroundOptions, closing: Closing): Promise<DeployedGround> {
  const acm = new AcmAccount({ now: Date.now, accountId: '000000000000', region: 'us-east-1' });
  const ministack = await startAccount(acm, closing, options.say);
  const zones = await createZones(ministack, closing);
  const dns = await startDnsServer({ source: zones.source, scope: 'everything' });
  closing.add(() => dns.close());
  const authority = await startAuthority(options.ca, dns.address);
  closing.add(() => authority.stop());
  const edge = await startEdge({ certificates: acm });
  closing.add(() => edge.stop());
  options.say(`${authority.version} resolves with a DNS server that shows ${ZONES.join(' and ')} as Route 53 has them`);
  const { directoryUrl, rootsPem, issuerRootsPem } = authority;
  const ca = { directoryUrl, rootsPem, issuerRootsPem };
  const app = await appOf(ministack, { ca, dnsServer: dns.address, edgePort: edge.port }, options);
  return {
    ministack,
    acm,
    authority,
    zones,
    edge,
    deploy: () => deployStack(app, options.say),
    stop: () => closing.close(),
  };
}

/** Starts all of it; whatever has started is stopped again when something else does not start. */
export async function startGround(options: GroundOptions): Promise<DeployedGround> {
  const closing = new Closing();
  try {
    return await open(options, closing);
  } catch (error) {
    await closing.close();
    throw error;
  }
}
