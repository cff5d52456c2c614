import type { AriRow } from '../../lambdas/core/ari-rows.ts';
import { refreshAri } from '../../lambdas/steps/refresh-ari.ts';
import { readAri } from '../../lambdas/store/ari.ts';
import type { CaOptions } from '../../local/ca/options.ts';
import type { RenewalInfoOverride } from '../../local/ca/renewal-window.ts';
import type { EmbeddedOptions } from '../../local/embedded/account.ts';
import type { VirtualAccount } from './virtual-account.ts';
import { startVirtualAccount } from './virtual-account.ts';

/** An account whose CA suggests renewal windows, with one certificate, `site`, that was just issued. */
export async function startWithAri(
  caOptions: CaOptions = {},
  options: Partial<EmbeddedOptions> = {},
): Promise<VirtualAccount> {
  const account = await startVirtualAccount(options, { renewalInfo: true, ...caOptions });
  await account.deploy([account.declaration('site', ['example.test'])]);
  await account.sweep();
  return account;
}

/** What the CA says from now on of the newest certificate with this name. */
export function suggest(account: VirtualAccount, override: RenewalInfoOverride, domain = 'example.test'): void {
  const issued = account.ca.journal.issued.findLast(({ names }) => names.includes(domain));
  account.ca.control.setRenewalInfo(issued?.certId ?? '', override);
}

export async function ariRow(account: VirtualAccount, name = 'site'): Promise<AriRow> {
  const row = await readAri(account.ports.base.table, name);
  if (row === undefined) throw new Error(`there is no ARI row of ${name}`);
  return row;
}

/** Asks once more when it is due, without what else a sweep does. */
export async function askAgain(account: VirtualAccount): Promise<AriRow> {
  const { dueAt = 0 } = await ariRow(account);
  const { clock } = account.virtual;
  await account.virtual.advance(Math.max(0, dueAt - clock.now()) + 1);
  const done = account.calls.invoke('refresh-ari', () =>
    refreshAri({ input: {} }, { ...account.ports.ari, deadline: clock.now() + 60_000 }),
  );
  await done;
  return ariRow(account);
}

/** Lets time pass until an instant, then sweeps. */
export async function sweepAt(account: VirtualAccount, at: number): Promise<void> {
  await account.virtual.advance(Math.max(0, at - account.virtual.clock.now()));
  await account.sweep();
}

/**
 * The `replaces` of each newOrder that the CA has judged, `none` where there was none, `refused` where a fault answered in its
 * place. One with a stale nonce it has not judged.
 */
export function replacesSent(account: VirtualAccount): readonly string[] {
  return account.ca.journal.requests
    .filter(({ endpoint, problemType = '' }) => endpoint === 'newOrder' && !problemType.includes('badNonce'))
    .map(({ fault, payload = '{}' }) =>
      fault === 'answer' ? 'refused' : String(JSON.parse(payload).replaces ?? 'none'),
    );
}

/** Whether a request to the CA, a JWS, is a newOrder that says what it replaces. */
export function hasReplaces({ body }: { readonly body: string }): boolean {
  const { payload } = JSON.parse(body);
  return 'replaces' in JSON.parse(Buffer.from(String(payload), 'base64url').toString());
}
