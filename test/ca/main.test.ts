import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Agent, objects, strings } from './support/agent.ts';

const MAIN = new URL('../../local/ca/main.ts', import.meta.url).pathname;

function start(...args: readonly string[]): { readonly child: ChildProcess; readonly printed: () => string } {
  const child = spawn(process.execPath, [MAIN, ...args]);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  return { child, printed: () => text };
}

/** What the program tells people to trust, run and ask. */
function told(text: string): {
  readonly directoryUrl: string;
  readonly root: string;
  readonly hook: string;
  readonly issuers: string;
} {
  const found = (pattern: RegExp) => pattern.exec(text)?.[1] ?? '';
  return {
    directoryUrl: found(/^Directory +(\S+)$/m),
    root: found(/^To trust its API (\S+)$/m),
    issuers: found(/^Its issuers +(\S+)$/m),
    hook: found(/EXEC_PATH=(\S+)/),
  };
}

describe('npm run ca', () => {
  it('tells directory, root and hook, validates what the hook publishes, and leaves nothing behind', async () => {
    const { child, printed } = start('--port', '0', '--processing', '1');
    await expect.poll(printed, { timeout: 20_000 }).toContain('Ctrl-C stops it');
    const { directoryUrl, root, issuers, hook } = told(printed());
    const agent = new Agent({
      directoryUrl,
      rootPem: readFileSync(root, 'utf8'),
      issuerRootsPem: readFileSync(issuers, 'utf8'),
    });
    await agent.register();
    const order = await agent.order(['www.anything.test'], { profile: 'classic' });
    const url = strings(order.body.authorizations)[0] ?? '';
    const challenge = objects((await agent.post(url)).body.challenges).find(({ type }) => type === 'dns-01');
    const value = agent.dnsValue(String(challenge?.token));
    await once(spawn(hook, ['present', '_acme-challenge.www.anything.test.', value]), 'exit');
    await agent.post(String(challenge?.url), {});
    expect((await agent.post(url)).body.status).toBe('valid');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(existsSync(dirname(root))).toBe(false);
  }, 30_000);

  it.each([
    [['--limits', 'some'], '--limits is "some"; give one of none, production, staging'],
    [['--port', 'x'], '--port is "x"; give a whole number'],
    [['--external-account', 'x'], '--external-account is "x"; give id:key'],
    [['--what'], "Unknown option '--what'"],
  ])('refuses %j and says why', async (args, message) => {
    const { child, printed } = start('--port', '0', ...args);
    const [code] = await once(child, 'close');
    expect([code, printed()]).toEqual([1, expect.stringContaining(message)]);
  });

  it('explains itself', async () => {
    const { child, printed } = start('--help');
    await once(child, 'close');
    expect(printed()).toContain('npm run ca');
  });
});
