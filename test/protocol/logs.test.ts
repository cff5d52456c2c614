import { afterEach, describe, expect, it } from 'vitest';
import type { VirtualAccount } from '../support/virtual-account.ts';
import { DAY, startVirtualAccount } from '../support/virtual-account.ts';

let account: VirtualAccount;
afterEach(() => account.close());
it('x', async () => {
  const lines: string[] = [];
  account = await startVirtualAccount({ onLog: (line) => lines.push(line) });
  await account.deploy([account.declaration('site', ['example.test', '*.example.test'])]);
  await account.sweep();
  await account.sweep();
  console.log(lines.join('\n'));
});
