import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootstrap, type CdkApp, deploy } from './cdk.ts';
import type { DeployedGround } from './ground.ts';
import { SURROUNDINGS_FILE, type Surroundings } from './surroundings.ts';

/** The shipped application. */
const APP = 'node infra/start.mjs';
const CONFIG = join('local', 'deployed', 'perennial.config.ts');
const STACK = 'Perennial';

export interface DemoStackOptions {
  readonly say: (line: string) => void;
  /** Synthesises another application, for whoever wants to see a deployment fail. */
  readonly app?: string;
  /** Added to the environment of the application. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

async function appOf(ground: DeployedGround, options: DemoStackOptions): Promise<CdkApp> {
  const { accountId, region, folder, env } = ground.ministack;
  const { directoryUrl, rootsPem, issuerRootsPem } = ground.authority;
  const ca = { directoryUrl, rootsPem, issuerRootsPem };
  const surroundings: Surroundings = { ca, dnsServer: ground.dnsServer, edgePort: ground.edge.port };
  const file = join(folder, 'surroundings.json');
  await writeFile(file, JSON.stringify(surroundings));
  return {
    app: options.app ?? APP,
    env: { ...env, ...options.env, [SURROUNDINGS_FILE]: file },
    accountId,
    region,
    folder,
    context: { config: CONFIG },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}

/** `cdk bootstrap` and `cdk deploy` of the demo. @returns the stack's outputs */
export async function deployDemo(
  ground: DeployedGround,
  options: DemoStackOptions,
): Promise<Readonly<Record<string, string>>> {
  const app = await appOf(ground, options);
  await bootstrap(app);
  options.say('cdk bootstrap: done');
  const outputs = (await deploy(app))[STACK];
  if (outputs === undefined) throw new Error(`the application has no stack ${STACK}`);
  options.say('cdk deploy: done');
  return outputs;
}
