import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { AcmAccount } from '../aws/acm.ts';
import { startDnsServer } from '../dns/server.ts';
import { type Edge, startEdge } from '../edge/edge.ts';
import { startAcmFront } from './acm-front.ts';
import type { Authority } from './authority.ts';
import { Closing } from './closing.ts';
import { type Ground, type MiniStack, startMiniStack } from './ministack.ts';
import { ZONES } from './names.ts';
import { type PolledZones, pollRoute53 } from './route53-zones.ts';

/** With it a schedule of five minutes fires after half a minute. */
const RATE_SCALE = '0.1';

export interface GroundOptions {
  /** Starts the CA, which resolves with the DNS server given, an `ip:port`. */
  readonly authority: (dnsServer: string) => Promise<Authority>;
  readonly say: (line: string) => void;
  /** Further accounts whose hosted zones the DNS server shows too; an account's id is its root's access key. */
  readonly otherAccounts?: readonly string[];
  /** Added to MiniStack's own environment, which its Lambdas inherit. */
  readonly environment?: (ground: Ground, closing: Closing) => Promise<Readonly<Record<string, string>>>;
}

/** An account, a CA, a DNS server and a TLS edge that belong together, with nothing deployed yet. */
export interface DeployedGround {
  readonly ministack: MiniStack;
  readonly acm: AcmAccount;
  readonly authority: Authority;
  readonly zones: PolledZones;
  /** `ip:port` of the DNS server that shows what Route 53 has. */
  readonly dnsServer: string;
  readonly edge: Edge;
  stop(): Promise<void>;
}

/** MiniStack with our ACM in front of its own. */
async function startAccount(acm: AcmAccount, closing: Closing, options: GroundOptions): Promise<MiniStack> {
  const { say } = options;
  const ministack = await startMiniStack({
    told: say,
    environment: async (ground) => {
      const front = await startAcmFront(acm, ground);
      closing.add(() => front.stop());
      const added = await options.environment?.(ground, closing);
      return { AWS_ENDPOINT_URL_ACM: front.endpoint, PERENNIAL_RATE_SCALE: RATE_SCALE, ...added };
    },
  });
  closing.add(() => ministack.stop());
  say(`${ministack.version} answers at ${ministack.endpoint}; its IAM decides what each Lambda may do`);
  say('differences to AWS: ACM is our strict one in front of its own; schedules run ten times faster than written');
  return ministack;
}

async function createZones(
  ministack: MiniStack,
  closing: Closing,
  others: readonly string[] = [],
): Promise<PolledZones> {
  const client = new Route53Client(ministack.client);
  for (const Name of ZONES) await client.send(new CreateHostedZoneCommand({ Name, CallerReference: Name }));
  const elsewhere = others.map((accessKeyId) => {
    return new Route53Client({ ...ministack.client, credentials: { accessKeyId, secretAccessKey: 'test' } });
  });
  const zones = await pollRoute53(client, ...elsewhere);
  closing.add(() => zones.stop());
  return zones;
}

async function open(options: GroundOptions, closing: Closing): Promise<DeployedGround> {
  const acm = new AcmAccount({ now: Date.now, accountId: '000000000000', region: 'us-east-1' });
  const ministack = await startAccount(acm, closing, options);
  const zones = await createZones(ministack, closing, options.otherAccounts);
  const dns = await startDnsServer({ source: zones.source, scope: 'everything' });
  closing.add(() => dns.close());
  const authority = await options.authority(dns.address);
  closing.add(() => authority.stop());
  const edge = await startEdge({ certificates: acm });
  closing.add(() => edge.stop());
  options.say(`${authority.version} resolves with a DNS server that shows ${ZONES.join(' and ')} as Route 53 has them`);
  return { ministack, acm, authority, zones, dnsServer: dns.address, edge, stop: () => closing.close() };
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
