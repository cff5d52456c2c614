import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateInput, PerennialConfig } from '../../../infra/config/schema.ts';
import { type Ca, startCa } from '../../../local/ca/ca.ts';
import { localAuthority } from '../../../local/deployed/authority.ts';
import { type DeployedGround, type GroundOptions, startGround } from '../../../local/deployed/ground.ts';
import { DeployedStack } from './deployed-stack.ts';
import { type FaultyFront, startFaultyFront } from './faulty-front.ts';
import { outputsOf, type Person, personAt } from './person.ts';
import { type SilentDynamoDb, startSilentDynamoDb } from './silent-dynamodb.ts';

const DEFINE_CONFIG = new URL('../../../infra/config/define-config.ts', import.meta.url).href;

/** An account with a CA that can be told what to do, and stacks deployed into it by their configurations. */
export class DeployedWorld {
  readonly ground: DeployedGround;
  readonly ca: Ca;
  readonly dynamoDb: SilentDynamoDb;
  /** By the name of the service in `AWS_ENDPOINT_URL_<SERVICE>`. */
  readonly faulty: Readonly<Record<string, FaultyFront>>;

  constructor(ground: DeployedGround, ca: Ca, dynamoDb: SilentDynamoDb, faulty: Readonly<Record<string, FaultyFront>>) {
    this.ground = ground;
    this.ca = ca;
    this.dynamoDb = dynamoDb;
    this.faulty = faulty;
  }

  /** A certificate of the world's CA, tried again after a second, probed at the world's edge. */
  certificate(name: string, ...domains: readonly [string, ...string[]]): CertificateInput {
    const probe = { host: '127.0.0.1', port: this.ground.edge.port, servername: domains[0] };
    const retry = { baseSeconds: 1, jitter: 0 };
    return { name, domains: [...domains], cas: ['local'], retry, targets: [{ kind: 'acm', probe }] };
  }

  /** Somebody who works with the configuration of one stack. */
  person(stack: string): Person {
    return personAt(this.ground.ministack, this.#file(stack));
  }

  /** Writes a stack's configuration and deploys it. @throws CommandFailed */
  async deploy(stack: string, config: Partial<PerennialConfig>): Promise<DeployedStack> {
    await this.#write(stack, config);
    const printed = await this.person(stack).types(`npx cdk deploy --all -c stack=${stack}`);
    return new DeployedStack(this.ground.ministack, outputsOf(stack, printed));
  }

  async #write(stack: string, config: Partial<PerennialConfig>): Promise<void> {
    const { directoryUrl, rootPem, issuerRootsPem } = this.ca;
    const { dnsServer } = this.ground;
    const whole: PerennialConfig = {
      certificates: [],
      cas: { local: { directoryUrl, rootsPem: rootPem, issuerRootsPem, environment: 'staging' } },
      dns: { nameServers: { '*': dnsServer }, resolvers: [dnsServer] },
      alerts: { email: ['operations@perennial.test'] },
      checkInterval: '5 minutes',
      ...config,
    };
    const text = `import { defineConfig } from '${DEFINE_CONFIG}';\nexport default defineConfig(${JSON.stringify(whole)});\n`;
    await writeFile(this.#file(stack), text);
  }

  #file(stack: string): string {
    return join(this.ground.ministack.folder, `${stack}.config.ts`);
  }

  stop(): Promise<void> {
    return this.ground.stop();
  }
}

/** `faulty`: services, as `AWS_ENDPOINT_URL_<SERVICE>` names them, that calls may go wrong at. */
type WorldOptions = Pick<GroundOptions, 'otherAccounts'> & { readonly faulty?: readonly string[] };

export async function startWorld({ faulty = [], ...options }: WorldOptions = {}): Promise<DeployedWorld> {
  const parts: { ca?: Ca; dynamoDb?: SilentDynamoDb } = {};
  const fronts: Record<string, FaultyFront> = {};
  const ground = await startGround({
    ...options,
    say: () => undefined,
    authority: async (resolver) => {
      parts.ca = await startCa({ resolver });
      return localAuthority(parts.ca);
    },
    environment: async (beneath, closing) => {
      parts.dynamoDb = await startSilentDynamoDb(beneath);
      closing.add(parts.dynamoDb.stop);
      const environment: Record<string, string> = { AWS_ENDPOINT_URL_DYNAMODB: parts.dynamoDb.endpoint };
      for (const service of faulty) {
        const front = await startFaultyFront(beneath);
        closing.add(front.stop);
        fronts[service] = front;
        environment[`AWS_ENDPOINT_URL_${service}`] = front.endpoint;
      }
      return environment;
    },
  });
  const { ca, dynamoDb } = parts;
  if (ca === undefined || dynamoDb === undefined) throw new Error('the ground was started without its CA or DynamoDB');
  return new DeployedWorld(ground, ca, dynamoDb, fronts);
}
