import { perennial } from '../../cli/perennial.ts';
import type { Surroundings } from '../../cli/run-command.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';

/** What a command line came to. */
export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** How a command meets an account. */
export type Meeting = Partial<Pick<Surroundings, 'env' | 'clientsFor'>> & { readonly isTTY?: boolean };

/** Runs a command line against an account in virtual time, which moves on while the command waits. */
export async function runCli(account: VirtualAccount, line: string, meeting: Meeting = {}): Promise<Ran> {
  const { isTTY = false, env = {}, clientsFor = () => account.clients } = meeting;
  const written = { out: '', err: '' };
  const writer = (to: 'out' | 'err') => ({
    isTTY,
    write: (text: string | Uint8Array) => {
      written[to] += String(text);
      return true;
    },
  });
  const code = await perennial(line.split(' '), {
    stdout: writer('out'),
    stderr: writer('err'),
    env,
    clientsFor,
    parts: {
      clock: { now: () => account.virtual.clock.now(), sleep: (ms) => account.virtual.advance(ms) },
      random: () => 0.5,
      newId: () => 'test-id',
    },
  });
  return { code, ...written };
}

/** The watch looks once, and CloudWatch judges its alarms, as they do in every hour of an account. */
export async function watched(account: VirtualAccount): Promise<void> {
  await account.watch();
  account.cloudWatch.evaluate(account.virtual.clock.now() + 1);
}

const READS = /^(Get|List|Describe|Query|Scan)/;

/** From here on the account refuses everything that is not a read; the operations that were asked for. */
export function refuseWrites(account: VirtualAccount): readonly string[] {
  const asked: string[] = [];
  account.calls.plan = (call, act) => {
    asked.push(`${call.service}:${call.operation}`);
    if (READS.test(call.operation)) return act();
    throw new Error(`${call.service}:${call.operation} is no read`);
  };
  return asked;
}
