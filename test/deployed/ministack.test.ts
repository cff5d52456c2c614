import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ACMClient, ListCertificatesCommand } from '@aws-sdk/client-acm';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AcmFront, startAcmFront } from '../../local/deployed/acm-front.ts';
import { bootstrap, CdkError, deploy, destroy, type StackOutputs } from '../../local/deployed/cdk.ts';
import { type MiniStack, startMiniStack } from '../../local/deployed/ministack.ts';
import { findPython } from '../../local/peers/python.ts';

const run = promisify(execFile);
const APP = `node ${fileURLToPath(new URL('fixtures/app.ts', import.meta.url))}`;
const CRASHING_PARENT = fileURLToPath(new URL('fixtures/crashing-parent.ts', import.meta.url));
const MINUTES = 60_000;

/** Notes what it is asked; whether a certificate is a good one is no matter here. */
class NotingAcm {
  readonly asked: { operation: string; input: Record<string, unknown> }[] = [];

  async call(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
    this.asked.push({ operation, input });
    return { CertificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/ours', CreatedAt: new Date(1_500) };
  }
}

interface Outcome {
  readonly status: string | undefined;
  readonly output: Record<string, unknown>;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for an execution whose input tells that the schedule has started it. */
async function scheduled(ministack: MiniStack, stateMachineArn: string): Promise<void> {
  const client = new SFNClient(ministack.client);
  for (;;) {
    const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
    for (const { executionArn } of executions) {
      const { input } = await client.send(new DescribeExecutionCommand({ executionArn }));
      if (input === '{"by":"schedule"}') return;
    }
    await sleep(500);
  }
}

/** One execution of the fixture's machine, to its end. */
async function execute(ministack: MiniStack, stateMachineArn: string, input: object): Promise<Outcome> {
  const client = new SFNClient(ministack.client);
  const started = await client.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
  for (;;) {
    const found = await client.send(new DescribeExecutionCommand({ executionArn: started.executionArn }));
    if (found.status !== 'RUNNING') return { status: found.status, output: JSON.parse(found.output ?? '{}') };
    await sleep(50);
  }
}

function output(deployed: StackOutputs, name: string): string {
  const found = deployed.Throwaway?.[name];
  if (found === undefined) throw new Error(`the stack has no output ${name}`);
  return found;
}

/** Processes whose environment names the run's folder: MiniStack and its workers (Linux only). */
async function processesOf(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(
    pids.map(async (pid) => [pid, await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')] as const),
  );
  return environments.filter(([, environment]) => environment.includes(folder)).map(([pid]) => pid);
}

const HAS_PYTHON = (await findPython()) !== undefined;

describe.runIf(HAS_PYTHON)('MiniStack as an account', () => {
  const acm = new NotingAcm();
  let ministack: MiniStack;
  let front: AcmFront;
  let deployed: StackOutputs;
  let machine: string;

  const app = (context: Record<string, string> = {}) => ({
    app: APP,
    env: ministack.env,
    accountId: ministack.accountId,
    region: ministack.region,
    folder: ministack.folder,
    context,
  });

  beforeAll(async () => {
    ministack = await startMiniStack({
      environment: async (ground) => {
        front = await startAcmFront(acm, ground);
        return { AWS_ENDPOINT_URL_ACM: front.endpoint, PERENNIAL_RATE_SCALE: '0.01' };
      },
    });
    await bootstrap(app());
    deployed = await deploy(app());
    machine = output(deployed, 'MachineArn');
  }, 10 * MINUTES);

  afterAll(async () => {
    await ministack?.stop();
    await front?.stop();
  }, MINUTES);

  it('is the pinned version', () => {
    expect(ministack.version).toBe('ministack 1.5.33');
  });

  it('runs a custom resource and gives its attribute to the stack', () => {
    expect(output(deployed, 'Echoed')).toBe('yes');
  });

  it('starts what a schedule of five minutes starts, after three seconds', async () => {
    // MiniStack looks at its schedules every ten seconds.
    await scheduled(ministack, machine);
  }, 20_000);

  it('runs a published ESM bundle that writes a row and finds it by the index', async () => {
    expect(await execute(ministack, machine, {})).toMatchObject({
      status: 'SUCCEEDED',
      output: { status: 'done', found: 1 },
    });
  });

  it('lets Catch tell errors apart by name', async () => {
    expect(await execute(ministack, machine, { throws: 'SlotHeld' })).toMatchObject({
      output: { by: 'name', error: 'SlotHeld' },
    });
    expect(await execute(ministack, machine, { throws: 'Other' })).toMatchObject({
      output: { by: 'all', error: 'Other', cause: expect.stringContaining('thrown as Other') },
    });
  });

  it('lets Retry match by name, too', async () => {
    const started = Date.now();
    expect(await execute(ministack, machine, { throws: 'Flaky' })).toMatchObject({ output: { error: 'Flaky' } });
    // One second, then two by the default backoff rate.
    expect(Date.now() - started).toBeGreaterThan(2_900);
  });

  it('puts our ACM before its own for a Lambda whose role may import', async () => {
    const imports = { certificate: 'a certificate', privateKey: 'a key' };
    expect(await execute(ministack, machine, { imports })).toMatchObject({
      output: { status: 'done', arn: 'arn:aws:acm:us-east-1:000000000000:certificate/ours' },
    });
    expect(acm.asked).toEqual([
      {
        operation: 'ImportCertificate',
        input: {
          Certificate: new Uint8Array(Buffer.from('a certificate')),
          PrivateKey: new Uint8Array(Buffer.from('a key')),
        },
      },
    ]);
    expect(front.calls()).toEqual([{ operation: 'ImportCertificate', allowed: true }]);
  });

  it('asks our ACM also about certificates that its own does not know', async () => {
    const arn = 'arn:aws:acm:us-east-1:000000000000:certificate/ours';
    const imports = { certificate: 'another', privateKey: 'key', arn };
    expect(await execute(ministack, machine, { imports })).toMatchObject({ output: { status: 'done', arn } });
  });

  it('refuses a request to our ACM by a key that the account does not know', async () => {
    const client = new ACMClient({
      ...ministack.client,
      endpoint: front.endpoint,
      credentials: { accessKeyId: 'AKIAUNKNOWN000000000', secretAccessKey: 'wrong' },
    });
    await expect(client.send(new ListCertificatesCommand({}))).rejects.toThrow(/security token/);
  });

  it(
    'refuses what the role does not allow, and names the action',
    async () => {
      machine = output(await deploy(app({ denied: 'acm:ImportCertificate' })), 'MachineArn');
      const imports = { certificate: 'a certificate', privateKey: 'a key' };
      const before = acm.asked.length;
      expect(await execute(ministack, machine, { imports })).toMatchObject({
        output: { error: 'AccessDeniedException', cause: expect.stringContaining('acm:ImportCertificate') },
      });
      expect(acm.asked).toHaveLength(before);

      machine = output(await deploy(app({ denied: 'dynamodb:Query' })), 'MachineArn');
      expect(await execute(ministack, machine, {})).toMatchObject({
        output: { error: 'AccessDeniedException', cause: expect.stringContaining('dynamodb:Query') },
      });
    },
    2 * MINUTES,
  );

  it(
    'takes the stack away again',
    async () => {
      await destroy(app());
      await expect(execute(ministack, machine, {})).rejects.toThrow(/not found/);
    },
    2 * MINUTES,
  );

  it(
    'shows what cdk printed when it fails',
    async () => {
      const failing = bootstrap({ ...app(), env: { ...ministack.env, AWS_ACCESS_KEY_ID: 'AKIAUNKNOWN000000000' } });
      await expect(failing).rejects.toThrow(CdkError);
    },
    MINUTES,
  );

  it(
    'leaves neither process nor folder behind when it is stopped',
    async () => {
      await ministack.stop();
      expect(existsSync(ministack.folder)).toBe(false);
      expect(await processesOf(ministack.folder)).toEqual([]);
    },
    MINUTES,
  );
});

describe.runIf(HAS_PYTHON)('MiniStack without its parent', () => {
  it(
    'ends and removes its folder when the parent is killed',
    async () => {
      const failed = await run(process.execPath, [CRASHING_PARENT]).catch((error: unknown) => error);
      const { folder } = JSON.parse(String((failed as { stdout: string }).stdout));
      // The folder is what goes last; a look at the processes alone may fall between the account's end and its remover's begin.
      const giveUpAt = Date.now() + MINUTES;
      while ((existsSync(folder) || (await processesOf(folder)).length > 0) && Date.now() < giveUpAt) await sleep(100);
      expect(existsSync(folder)).toBe(false);
      expect(await processesOf(folder)).toEqual([]);
    },
    2 * MINUTES,
  );
});
