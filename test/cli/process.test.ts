import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../infra/config/resolve.ts';
import { syncInventory } from '../../lambdas/steps/sync-inventory.ts';
import { EMPTY_CONFIG, type EmbeddedAccount, startAccount } from '../../local/embedded/account.ts';
import { synthesiseDefinitions } from '../../local/embedded/definitions.ts';
import { type ServedAccount, serveAccount } from '../../local/held/serve.ts';
import { parsed, SCHEMAS } from './schemas.ts';

const START = fileURLToPath(new URL('../../cli/start.mjs', import.meta.url));

let account: EmbeddedAccount;
let served: ServedAccount;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'perennial-cli-'));
  const channels = [{ name: 'chat', type: 'slack', secretName: 'slack' }] as const;
  const definitions = synthesiseDefinitions({ ...EMPTY_CONFIG, alerts: { email: [], https: [], sqs: [], channels } });
  account = await startAccount({ definitions, zones: ['example.test'] });
  served = await serveAccount(account, 0);
  account.sns.subscribe(account.topicArn, 'email', 'day&night@example.test', true);
  const certificates = [
    { name: 'site', domains: ['example.test'], cas: ['letsencrypt-staging'], targets: [{ kind: 'acm' as const }] },
  ];
  const { declarations } = resolveConfig({ certificates, contact: ['operations@example.com'], alerts: 'none' });
  await syncInventory(declarations, { table: account.ports.base.table, clock: account.time.clock });
  await account.watch();
});

afterAll(async () => {
  await served.stop();
  await account.stop();
  await rm(home, { recursive: true });
});

/** Runs the command as a process of its own, whose environment has no credentials. */
function perennial(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { PATH: process.env.PATH, HOME: home, AWS_EC2_METADATA_DISABLED: 'true' };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [START, ...args], { env }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

/** Ends as the command does whose reader has closed a stream before anything was written to it. */
function unread(closed: 'stdout' | 'stderr', ...args: readonly string[]): Promise<{ code: number; said: string }> {
  const env = { PATH: process.env.PATH, HOME: home, AWS_EC2_METADATA_DISABLED: 'true' };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [START, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child[closed].destroy();
    let said = '';
    child[closed === 'stdout' ? 'stderr' : 'stdout'].on('data', (text) => {
      said += text;
    });
    child.on('close', (code) => resolve({ code: code ?? -1, said }));
  });
}

describe('the command perennial, as a process', () => {
  it('asks a local account over loopback, in the protocols of AWS', async () => {
    const { code, out } = await perennial('status', '--local', served.endpoint, '--json');
    expect(parsed(SCHEMAS.status, out).certificates).toMatchObject([{ name: 'site', state: 'due' }]);
    expect(code).toBe(0);
  });

  it('looks at everything there', async () => {
    const { code, out } = await perennial('doctor', '--fleet', '--local', served.endpoint, '--json');
    const { checks } = parsed(SCHEMAS.doctor, out);
    // Nothing sweeps here; the alarms are new.
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['sweeps']);
    expect(checks.find(({ name }) => name === 'watch')?.message).toMatch(/^its last look came to its end/);
    expect(checks.find(({ name }) => name === 'dead letters')?.message).toBe('none of chat');
    expect(code).toBe(1);
  });

  it('sends a message there', async () => {
    const told = account.sns.messages().length;
    const published = account.events.events().length;
    const { code, out } = await perennial('alerts', 'test', '--local', served.endpoint);
    expect(out).toMatch(/email +day&night@example.test +confirmed/);
    expect(code).toBe(0);
    expect(account.sns.messages()).toHaveLength(told + 1);
    expect(account.events.events().slice(published)).toMatchObject([{ detailType: 'alerts.test' }]);
  });

  it('ends without a word, as a broken pipe ends others, when nobody reads what it writes', async () => {
    const local = ['--local', served.endpoint];
    expect(await unread('stdout', 'status', ...local)).toEqual({ code: 141, said: '' });
    expect(await unread('stdout', '--help')).toEqual({ code: 141, said: '' });
    expect(await unread('stderr', 'status', ...local, '--stack', 'Other')).toEqual({ code: 141, said: '' });
  });

  it('ends with 2 for a stack that is not there, in words and in JSON', async () => {
    const words = await perennial('status', '--local', served.endpoint, '--stack', 'Other');
    expect(words).toMatchObject({ code: 2, out: '' });
    expect(words.err).toBe(
      'perennial: --stack is "Other": there is no such stack in this account in us-east-1. Name another by --stack, or another place by --profile and --region.\n',
    );
    const json = await perennial('doctor', '--local', served.endpoint, '--stack', 'Other', '--json');
    expect(parsed(SCHEMAS.error, json.out).error).toContain('--stack is "Other"');
    expect(json.code).toBe(2);
  });

  it('ends with 2 without credentials, and says how to give some', async () => {
    const { code, err } = await perennial('status', '--region', 'eu-central-1');
    expect(err).toMatch(
      /^perennial: --region is "eu-central-1": the account cannot be asked: CredentialsProviderError: .*--profile, AWS_PROFILE/,
    );
    expect(code).toBe(2);
  });

  it('ends with 2 without a region, and for a profile that is not there', async () => {
    expect((await perennial('status')).err).toMatch(/Region is missing.*--region, AWS_REGION/);
    const { code, err } = await perennial('status', '--region', 'eu-central-1', '--profile', 'nobody');
    expect(err).toMatch(/^perennial: --profile is "nobody": the account cannot be asked: CredentialsProviderError/);
    expect(code).toBe(2);
  });

  it('takes the region of a profile', async () => {
    await mkdir(join(home, '.aws'));
    await writeFile(join(home, '.aws', 'config'), '[profile work]\nregion = eu-west-3\n');
    const { err } = await perennial('status', '--profile', 'work');
    expect(err).toMatch(/^perennial: --profile is "work": .*CredentialsProviderError/);
  });

  it('ends with 2 where no local account runs, and says how to start one', async () => {
    const { code, err } = await perennial('status', '--local', 'http://127.0.0.1:1');
    expect(err).toMatch(
      /--local is "http:\/\/127.0.0.1:1": .*ECONNREFUSED.*Start a local account there with `npm run local`/,
    );
    expect(code).toBe(2);
  });

  it('ends with 2 for a command or an option that it does not know, and with 0 for --help', async () => {
    expect(await perennial('stats')).toMatchObject({
      code: 2,
      err: expect.stringContaining("unknown command 'stats'"),
    });
    expect(await perennial('status', '--jsn')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean --json?'),
    });
    expect(await perennial('renew')).toMatchObject({
      code: 2,
      err: expect.stringContaining("missing required argument 'certificate'"),
    });
    const json = await perennial('renew', '--json');
    expect(parsed(SCHEMAS.error, json.out).error).toContain("missing required argument 'certificate'");
    expect(await perennial('--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Ends with 0 where all is fine'),
    });
  });
});
