import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundles, bundleHandlers } from '../../infra/bundle/bundle.ts';
import { HANDLER_NAMES, type HandlerName } from '../../infra/handlers.ts';
import { definitions } from './template.ts';

const run = promisify(execFile);
const LAMBDA_CREDENTIALS = join(import.meta.dirname, '..', '..', 'infra', 'bundle', 'lambda-credentials.ts');

/** Kilobytes that a bundle may have: what is loaded is paid for at every cold start. */
const BUDGET_KB: Readonly<Record<HandlerName, number>> = {
  'find-due': 450,
  'refresh-ari': 450,
  'create-order': 1000,
  'poll-order': 1000,
  'finalize-order': 1000,
  'record-failure': 600,
  'push-target': 750,
  'push-aws': 750,
  'push-export': 750,
  'probe-target': 750,
  'deliver-alert': 450,
  settle: 1000,
  watch: 900,
  'sync-inventory': 525,
  'prune-versions': 450,
};

let bundles: Bundles;
let again: Bundles;

beforeAll(async () => {
  [bundles, again] = await Promise.all([bundleHandlers(), bundleHandlers()]);
});
afterAll(() => {
  for (const made of [bundles, again]) made.remove();
});

function fileOf(from: Bundles, handler: HandlerName): string {
  return join(from.folderOf(handler), 'index.mjs');
}

function digest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

describe('The bundles', () => {
  it.each(HANDLER_NAMES)(
    '%s starts in the environment of its Lambda, with nothing installed beside it',
    async (handler) => {
      const { environment } = definitions.functions[handler];
      const script = `console.log(typeof (await import(${JSON.stringify(fileOf(bundles, handler))})).handler)`;
      const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
        cwd: bundles.folderOf(handler),
        env: { ...environment, AWS_REGION: 'us-east-1' },
      });
      expect(stdout.trim()).toBe('function');
    },
  );

  it.each(HANDLER_NAMES)('%s keeps to its size', (handler) => {
    const kilobytes = statSync(fileOf(bundles, handler)).size / 1000;
    expect(kilobytes).toBeLessThan(BUDGET_KB[handler]);
  });

  it.each(HANDLER_NAMES)(
    '%s holds neither zod nor node-forge nor other credentials than its own, and a source map without sources',
    (handler) => {
      const map = JSON.parse(readFileSync(`${fileOf(bundles, handler)}.map`, 'utf8'));
      const bundled: readonly string[] = map.sources;
      expect(bundled.some((source) => /lambdas\/handlers\//.test(source))).toBe(true);
      expect(
        bundled.filter((source) =>
          /node_modules\/(zod|node-forge|@aws-sdk\/credential-provider-(node|ini|sso|process))\//.test(source),
        ),
      ).toEqual([]);
      expect(map.sourcesContent).toBeUndefined();
    },
  );

  it('hold acme-client only where orders are worked on', () => {
    const withAcme = HANDLER_NAMES.filter((handler) => {
      const map = JSON.parse(readFileSync(`${fileOf(bundles, handler)}.map`, 'utf8'));
      return map.sources.some((source: string) => source.includes('node_modules/acme-client/'));
    });
    expect(withAcme).toEqual(['create-order', 'poll-order', 'finalize-order', 'settle']);
  });

  it('are the same bytes each time, maps included, so that a deployment without change changes nothing', () => {
    for (const handler of HANDLER_NAMES) {
      expect(digest(fileOf(again, handler))).toBe(digest(fileOf(bundles, handler)));
      expect(digest(`${fileOf(again, handler)}.map`)).toBe(digest(`${fileOf(bundles, handler)}.map`));
    }
  });

  it('sign with the credentials that a Lambda finds in its environment', async () => {
    const script = `
      import { defaultProvider } from ${JSON.stringify(LAMBDA_CREDENTIALS)};
      console.log(JSON.stringify(await defaultProvider()().catch((error) => error.message)));`;
    const signWith = async (env: Record<string, string>) => {
      const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { env });
      return JSON.parse(stdout);
    };
    const role = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' };
    expect(await signWith(role)).toEqual({ accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' });
    expect(await signWith({ AWS_ACCESS_KEY_ID: 'id' })).toMatch(/has no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
  });

  it('are gone once they are removed', async () => {
    const folder = again.folderOf('settle');
    again.remove();
    expect(existsSync(folder)).toBe(false);
  });

  it('refuse a folder in which a handler is missing', async () => {
    await expect(bundleHandlers(join(import.meta.dirname, 'config'))).rejects.toThrow(/find-due/);
  });
});
