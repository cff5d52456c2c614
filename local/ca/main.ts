import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Ca, startCa } from './ca.ts';
import { BOULDER_HABITS } from './habits.ts';
import { hookScript, startHookZone } from './hook-zone.ts';
import type { CaOptions } from './options.ts';
import { LETS_ENCRYPT_LIMITS, LETS_ENCRYPT_STAGING_LIMITS, type RateLimitOptions } from './rate-limits.ts';

const USAGE = `Starts a CA on this machine, for trying things out. Nobody trusts its certificates; all is forgotten when it ends.

  npm run ca -- [options]

  --port <number>            port on 127.0.0.1 (14000; 0: a free one)
  --resolver <ip:port>       where names are looked up (a DNS of its own, which the hook script fills)
  --http-port <number>       port that http-01 asks (80)
  --boulder                  with the habits of Let's Encrypt's server
  --limits <name>            none, production or staging: Let's Encrypt's rate limits (none)
  --processing <ms>          finalize takes this long (0: it answers with the certificate)
  --external-account <id:key>  registration needs this external account, key in base64url
`;

const OPTIONS = {
  port: { type: 'string', default: '14000' },
  resolver: { type: 'string' },
  'http-port': { type: 'string', default: '80' },
  boulder: { type: 'boolean', default: false },
  limits: { type: 'string', default: 'none' },
  processing: { type: 'string', default: '0' },
  'external-account': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

const LIMITS: Readonly<Record<string, RateLimitOptions>> = {
  none: {},
  production: LETS_ENCRYPT_LIMITS,
  staging: LETS_ENCRYPT_STAGING_LIMITS,
};

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`--${option} is "${text}"; give a whole number`);
}

function externalAccountsOf(text: string | undefined): Pick<CaOptions, 'externalAccounts'> {
  if (text === undefined) return {};
  const [id, key, ...more] = text.split(':');
  if (!id || !key || more.length > 0) throw new Error(`--external-account is "${text}"; give id:key`);
  return { externalAccounts: { required: true, keys: { [id]: key } } };
}

function optionsOf(values: Values): CaOptions {
  const limits = LIMITS[values.limits];
  if (!limits) throw new Error(`--limits is "${values.limits}"; give one of ${Object.keys(LIMITS).join(', ')}`);
  return {
    port: numberOf('port', values.port),
    httpPort: numberOf('http-port', values['http-port']),
    finalize: { processingMs: numberOf('processing', values.processing) },
    ...externalAccountsOf(values['external-account']),
    limits,
    habits: values.boulder ? BOULDER_HABITS : {},
  };
}

interface Files {
  readonly root: string;
  readonly issuers: string;
  readonly hook: string;
}

function writeFiles(ca: Ca, folder: string): Files {
  const at = (name: string) => join(folder, name);
  const files = { root: at('root.pem'), issuers: at('issuers.pem'), hook: at('dns_perennial.sh') };
  writeFileSync(files.root, ca.rootPem);
  writeFileSync(files.issuers, ca.issuerRootsPem);
  writeFileSync(files.hook, hookScript(at('zone.txt')), { mode: 0o700 });
  return files;
}

function instructions(ca: Ca, files: Files, resolver: string): string {
  const { root, hook } = files;
  const name = 'www.example.test';
  return `Directory        ${ca.directoryUrl}
To trust its API ${root}
Its issuers      ${files.issuers}
Names are looked up at ${resolver}

certbot     REQUESTS_CA_BUNDLE=${root} certbot certonly --server ${ca.directoryUrl} -d ${name} \\
              --agree-tos --register-unsafely-without-email --manual --preferred-challenges dns \\
              --manual-auth-hook '${hook} certbot-add' --manual-cleanup-hook '${hook} certbot-del' \\
              --config-dir ./certbot --work-dir ./certbot --logs-dir ./certbot

lego        LEGO_CA_CERTIFICATES=${root} EXEC_PATH=${hook} EXEC_SEQUENCE_INTERVAL=0 \\
              lego --server ${ca.directoryUrl} --email me@example.test --accept-tos --path ./lego \\
              --dns exec --dns.disable-cp --dns.resolvers ${resolver} --domains ${name} run

acme.sh     cp ${hook} ~/.acme.sh/dnsapi/
            acme.sh --issue --server ${ca.directoryUrl} --ca-bundle ${root} --dns dns_perennial --dnssleep 1 -d ${name}

Ctrl-C stops it and forgets everything.`;
}

/** Starts DNS and CA, tells how to use them, and waits for Ctrl-C. What is started goes onto the stack. */
async function run(options: CaOptions, running: AsyncDisposableStack, given: string | undefined): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-ca-'));
  running.defer(() => rmSync(folder, { recursive: true }));
  const dns = await startHookZone(join(folder, 'zone.txt'));
  running.defer(() => dns.close());
  const resolver = given ?? dns.address;
  const ca = await startCa({ ...options, resolver });
  running.defer(() => ca.stop());
  console.log(instructions(ca, writeFiles(ca, folder), resolver));
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}

async function serve(values: Values): Promise<void> {
  const options = optionsOf(values);
  const running = new AsyncDisposableStack();
  try {
    await run(options, running, values.resolver);
  } finally {
    await running.disposeAsync();
  }
}

try {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) console.log(USAGE);
  else await serve(values);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
