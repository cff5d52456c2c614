import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EMPTY_CONFIG } from '../../local/embedded/account.ts';
import { synthesiseDefinitions } from '../../local/embedded/definitions.ts';
import { MINUTE, startVirtualAccount, type VirtualAccount } from '../support/virtual-account.ts';
import { refuseWrites, runCli, watched } from './support.ts';

let account: VirtualAccount;
afterEach(() => account.close());

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

/** The fenced blocks of a language. */
function blocks(language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);
}

const commands = blocks('sh')
  .flatMap((block) => block.split('\n'))
  .map((line) => line.replace(/#.*/, '').trim())
  .filter((line) => line !== '');

const policy = z.object({ Statement: z.array(z.object({ Action: z.array(z.string()) })) });

/** With a channel, whose dead letters are counted. */
const alerts = {
  email: [],
  https: [],
  sqs: [],
  channels: [{ name: 'chat', type: 'slack', secretName: 'slack' }],
} as const;
const definitions = synthesiseDefinitions({ ...EMPTY_CONFIG, alerts });

async function withOneCertificate(): Promise<void> {
  account = await startVirtualAccount({ definitions });
  account.sns.subscribe(account.topicArn, 'email', 'day@example.test', true);
  await account.deploy([account.declaration('website', ['example.test'])]);
  await account.sweep();
  await watched(account);
  await account.virtual.advance(MINUTE);
}

describe('docs/cli.md', () => {
  it('has commands that run', async () => {
    await withOneCertificate();
    expect(commands.length).toBeGreaterThan(8);
    for (const command of commands) {
      const line = command.replace(/^npx perennial /, '');
      expect(line).not.toBe(command);
      const { code, err } = await runCli(account, line);
      // To renew what is not due is an answer, not a mistake.
      expect({ line, code, err }).toEqual({ line, code: line === 'renew website' ? 1 : 0, err: '' });
    }
  });

  it('lists the actions that status and doctor need, and no others', async () => {
    await withOneCertificate();
    const asked = refuseWrites(account);
    for (const line of ['status', 'status website', 'doctor --fleet']) await runCli(account, line);
    const listed = policy.parse(JSON.parse(blocks('json')[0] ?? '')).Statement.flatMap(({ Action }) => Action);
    const actions = asked.map((call) => call.replace(/^sfn:/, 'states:'));
    expect([...new Set(actions)].sort()).toEqual(listed.toSorted());
  });
});
