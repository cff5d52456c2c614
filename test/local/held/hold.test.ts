import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClients } from '../../../cli/account/clients.ts';
import { statusOfAll } from '../../../cli/commands/status.ts';
import { holdAccount } from '../../../local/held/hold.ts';
import type { ServedAccount } from '../../../local/held/serve.ts';

let held: ServedAccount;
beforeAll(async () => {
  held = await holdAccount(0);
});
afterAll(() => held.stop());

describe('npm run local', () => {
  it('holds an account with three certificates, which the CLI can be tried on', async () => {
    const clients = createClients({ local: held.endpoint });
    const clock = { now: () => Date.now(), sleep: async () => undefined };
    const desk = {
      clients,
      clock,
      stackName: 'Perennial',
      random: Math.random,
      newId: () => 'id',
      tell: () => undefined,
    };
    const { data } = await statusOfAll(desk);
    const names =
      'certificates' in data && Array.isArray(data.certificates) ? data.certificates.map(({ name }) => name) : [];
    expect(names).toEqual(['api', 'stray', 'website']);
  });

  it('is at the loopback address only', async () => {
    const { port } = new URL(held.endpoint);
    const elsewhere = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4');
    if (elsewhere === undefined) return;
    await expect(fetch(`http://${elsewhere.address}:${port}/`)).rejects.toThrow('fetch failed');
  });

  it('answers an operation that it does not know with an error of that protocol', async () => {
    const json = await fetch(held.endpoint, { method: 'POST', headers: { 'x-amz-target': 'AWSOther.Do' }, body: '{}' });
    expect(await json.json()).toMatchObject({ __type: 'UnknownOperationException' });
    const query = await fetch(held.endpoint, { method: 'POST', body: 'Action=Do<&Version=1' });
    expect(await query.text()).toContain('<Code>InvalidAction</Code><Message>Do&lt; is not served here</Message>');
  });
});
