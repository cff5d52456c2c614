import { afterEach, describe, expect, it, vi } from 'vitest';
import { AwsFault } from '../../local/aws/fault.ts';
import { allItems } from '../support/all-items.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, startVirtualAccount } from '../support/virtual-account.ts';
import { expectOracles } from './oracles.ts';
import { liveUntil, problemFault, rewriteBody } from './stage.ts';

let account: VirtualAccount;
afterEach(async () => {
  vi.restoreAllMocks();
  await account.close();
});

const DOMAIN = 'example.test';

/** Everything that is printed from now on. */
function printed(): string[] {
  const lines: string[] = [];
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, level).mockImplementation((...words: unknown[]) => void lines.push(words.map(String).join(' ')));
  return lines;
}

/** Lines of the private keys that ACM was given, which are in no other place in clear. */
function keyMaterial(): readonly string[] {
  const pems = account.acm.certificates().map(({ privateKeyPem }) => privateKeyPem);
  return pems.flatMap((pem) => pem.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----')));
}

describe('private keys, tokens and signatures', () => {
  it('are in no log, payload, history, message, event or row, whatever fails [L27]', async () => {
    const lines = printed();
    account = await startVirtualAccount({ onLog: (line) => lines.push(line) });
    const tokens = new Set<string>();
    account.ca.faults.add({
      endpoint: 'authorization',
      times: Number.POSITIVE_INFINITY,
      fault: rewriteBody((body) => {
        const challenges: unknown[] = Array.isArray(body.challenges) ? body.challenges : [];
        for (const challenge of challenges) tokens.add(String(Object(challenge).token));
        return body;
      }),
    });
    for (const endpoint of ['newOrder', 'challenge', 'finalize', 'certificate'] as const)
      account.ca.faults.add({ endpoint, fault: problemFault(500, 'serverInternal', 'down') });
    let refused = 0;
    account.calls.plan = (call, go) => {
      const refuse = call.operation === 'ImportCertificate' && refused < 4;
      if (!refuse) return go();
      refused += 1;
      return Promise.reject(new AwsFault('ValidationException', 'The private key is not acceptable', 400));
    };
    await account.deploy([account.declaration('site', [DOMAIN])]);
    await account.sweep();
    await liveUntil(account, async () => (await account.targets('site'))[0]?.proven !== undefined, 4 * DAY);
    const said = [
      ...lines,
      JSON.stringify(account.interpreter.executions),
      JSON.stringify(account.sns.messages()),
      JSON.stringify(account.events.events()),
      JSON.stringify(await allItems(account.ports.base.table)),
    ].join('\n');
    const secrets = [...keyMaterial(), ...tokens];
    expect(keyMaterial().length).toBeGreaterThan(1);
    expect(tokens.size).toBeGreaterThan(0);
    expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
    expect(said).not.toMatch(/PRIVATE KEY|"signature"|"protected"/);
    await expectOracles(account, { domain: DOMAIN, issued: 1, told: 2, recovered: 2 });
  });
});
