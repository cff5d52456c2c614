import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where a client works and whom it talks to. */
export interface Desk {
  readonly folder: string;
  readonly directoryUrl: string;
  /** File with the root of the CA's listener. */
  readonly rootFile: string;
  /** The script that all of them use as their hook. */
  readonly hookFile: string;
  /** `ip:port` of the DNS that has them. */
  readonly resolver: string;
}

export interface Files {
  readonly chain: string;
  readonly key: string;
  readonly chainFile: string;
}

/** Someone else's ACME client, unmodified. */
export interface Client {
  readonly name: string;
  /** Command that says its version; its absence is the client's. */
  readonly version: readonly [string, ...string[]];
  register(desk: Desk): Promise<void>;
  issue(desk: Desk, names: readonly string[]): Promise<Files>;
  renew(desk: Desk, names: readonly string[]): Promise<Files>;
  revoke(desk: Desk, names: readonly string[]): Promise<void>;
}

const EMAIL = 'someone@example.test';

async function command(
  desk: Desk,
  env: Record<string, string>,
  name: string,
  ...args: readonly string[]
): Promise<void> {
  const path = process.env.PATH ?? '';
  await run(name, args, {
    cwd: desk.folder,
    env: { PATH: path, HOME: desk.folder, LC_ALL: 'C', ...env },
    timeout: 120_000,
  }).catch((error: unknown) => {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${name} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error });
  });
}

function filesAt(chainFile: string, keyFile: string): Files {
  return { chainFile, chain: readFileSync(chainFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

function first(names: readonly string[]): string {
  const [name] = names;
  if (name === undefined) throw new Error('A certificate needs a name');
  return name;
}

async function certbotRun(desk: Desk, ...args: readonly string[]): Promise<void> {
  const folders = ['config', 'work', 'logs'].flatMap((each) => [`--${each}-dir`, join(desk.folder, each)]);
  const env = { REQUESTS_CA_BUNDLE: desk.rootFile };
  await command(desk, env, 'certbot', ...args, '--non-interactive', '--server', desk.directoryUrl, ...folders);
}

function certbotFiles(desk: Desk, names: readonly string[]): Files {
  const folder = join(desk.folder, 'config', 'live', first(names));
  return filesAt(join(folder, 'fullchain.pem'), join(folder, 'privkey.pem'));
}

const certbot: Client = {
  name: 'certbot',
  version: ['certbot', '--version'],
  register: (desk) => certbotRun(desk, 'register', '--agree-tos', '-m', EMAIL),
  async issue(desk, names) {
    const hooks = [
      '--manual-auth-hook',
      `${desk.hookFile} certbot-add`,
      '--manual-cleanup-hook',
      `${desk.hookFile} certbot-del`,
    ];
    const domains = names.flatMap((name) => ['-d', name]);
    await certbotRun(desk, 'certonly', '--manual', '--preferred-challenges', 'dns', ...hooks, ...domains);
    return certbotFiles(desk, names);
  },
  async renew(desk, names) {
    const random = ['--no-random-sleep-on-renew'];
    await certbotRun(desk, 'renew', '--force-renewal', ...random, '--cert-name', first(names));
    return certbotFiles(desk, names);
  },
  revoke: (desk, names) => certbotRun(desk, 'revoke', '--no-delete-after-revoke', '--cert-name', first(names)),
};

async function legoRun(desk: Desk, names: readonly string[], ...args: readonly string[]): Promise<void> {
  const env = {
    LEGO_CA_CERTIFICATES: desk.rootFile,
    EXEC_PATH: desk.hookFile,
    EXEC_SEQUENCE_INTERVAL: '0',
    EXEC_POLLING_INTERVAL: '1',
  };
  const dns = ['--dns', 'exec', '--dns.disable-cp', '--dns.resolvers', desk.resolver];
  const domains = names.flatMap((name) => ['--domains', name]);
  const common = ['--server', desk.directoryUrl, '--email', EMAIL, '--accept-tos', '--path', join(desk.folder, 'lego')];
  await command(desk, env, 'lego', ...common, ...dns, ...domains, ...args);
}

function legoFiles(desk: Desk, names: readonly string[]): Files {
  const base = join(desk.folder, 'lego', 'certificates', first(names));
  return filesAt(`${base}.crt`, `${base}.key`);
}

const lego: Client = {
  name: 'lego',
  version: ['lego', '--version'],
  // It registers with its first certificate.
  register: async () => undefined,
  async issue(desk, names) {
    await legoRun(desk, names, 'run');
    return legoFiles(desk, names);
  },
  async renew(desk, names) {
    await legoRun(desk, names, 'renew', '--days', '3650', '--no-random-sleep');
    return legoFiles(desk, names);
  },
  revoke: (desk, names) => legoRun(desk, names, 'revoke', '--keep'),
};

// It trusts the system's store alone: in a mount namespace of its own our root stands in for that.
async function uacmeRun(desk: Desk, ...args: readonly string[]): Promise<void> {
  const store = '/etc/ssl/certs/ca-certificates.crt';
  const inside = `mount --bind '${desk.rootFile}' ${store} && exec uacme "$@"`;
  const common = ['-y', '-c', join(desk.folder, 'uacme'), '-a', desk.directoryUrl, '-h', desk.hookFile];
  await command(desk, {}, 'unshare', '-m', 'sh', '-c', inside, 'uacme', ...common, ...args);
}

function uacmeFiles(desk: Desk, names: readonly string[]): Files {
  const folder = join(desk.folder, 'uacme');
  return filesAt(join(folder, first(names), 'cert.pem'), join(folder, 'private', first(names), 'key.pem'));
}

const uacme: Client = {
  name: 'uacme',
  // The namespace is part of what it needs.
  version: ['unshare', '-m', 'sh', '-c', 'command -v uacme'],
  register: (desk) => uacmeRun(desk, 'new', EMAIL),
  async issue(desk, names) {
    await uacmeRun(desk, 'issue', ...names);
    return uacmeFiles(desk, names);
  },
  async renew(desk, names) {
    await uacmeRun(desk, '-f', 'issue', ...names);
    return uacmeFiles(desk, names);
  },
  revoke: (desk, names) => uacmeRun(desk, 'revoke', uacmeFiles(desk, names).chainFile),
};

async function dehydratedRun(desk: Desk, ...args: readonly string[]): Promise<void> {
  const base = join(desk.folder, 'dehydrated');
  mkdirSync(base, { recursive: true });
  const config = join(base, 'config');
  const settings = [
    `CA="${desk.directoryUrl}"`,
    `BASEDIR="${base}"`,
    'CHALLENGETYPE="dns-01"',
    `HOOK="${desk.hookFile}"`,
    `CURL_OPTS="--cacert ${desk.rootFile}"`,
    `CONTACT_EMAIL="${EMAIL}"`,
  ];
  writeFileSync(config, `${settings.join('\n')}\n`);
  await command(desk, {}, 'dehydrated', '-f', config, ...args);
}

function dehydratedFiles(desk: Desk, names: readonly string[]): Files {
  const folder = join(desk.folder, 'dehydrated', 'certs', first(names));
  return filesAt(join(folder, 'fullchain.pem'), join(folder, 'privkey.pem'));
}

async function dehydratedIssue(desk: Desk, names: readonly string[], ...args: readonly string[]): Promise<Files> {
  await dehydratedRun(desk, '--cron', ...names.flatMap((name) => ['--domain', name]), ...args);
  return dehydratedFiles(desk, names);
}

const dehydrated: Client = {
  name: 'dehydrated',
  version: ['dehydrated', '--version'],
  register: (desk) => dehydratedRun(desk, '--register', '--accept-terms'),
  issue: (desk, names) => dehydratedIssue(desk, names),
  renew: (desk, names) => dehydratedIssue(desk, names, '--force'),
  revoke: (desk, names) =>
    dehydratedRun(desk, '--revoke', join(desk.folder, 'dehydrated', 'certs', first(names), 'cert.pem')),
};

export const CLIENTS: readonly Client[] = [certbot, lego, uacme, dehydrated];

/** Why the client cannot be run; undefined when it can. */
export async function absence(client: Client): Promise<string | undefined> {
  const [name, ...args] = client.version;
  return run(name, args).then(
    () => undefined,
    (error: unknown) => `${client.version.join(' ')}: ${error instanceof Error ? error.message : String(error)}`,
  );
}

/** `openssl verify` of a chain file against the roots. @throws Error with what openssl says. */
export async function opensslVerify(rootsFile: string, chainFile: string): Promise<string> {
  const { stdout } = await run('openssl', ['verify', '-CAfile', rootsFile, '-untrusted', chainFile, chainFile]);
  return stdout.trim();
}
