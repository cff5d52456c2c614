import type { OutsideCall } from '../../local/embedded/calls.ts';
import type { VirtualAccount } from '../support/virtual-account.ts';

/** A request that has left a Lambda arrives within this, whatever becomes of the Lambda. Milliseconds. */
export const WIRE_MS = 8_000;

/** The call that breaks, and the ARN of the execution that it belongs to. */
export type BrokenCall = {
  readonly account: VirtualAccount;
  readonly execution: string;
  readonly act: () => Promise<unknown>;
};

/** What becomes of one call; and, where it goes on breaking things, what becomes of a later one. */
export type Fate = {
  readonly name: string;
  readonly meet: (broken: BrokenCall) => Promise<unknown>;
  readonly afterwards?: (later: OutsideCall, execution: string, broken: BrokenCall) => Promise<void>;
};

class Lost extends Error {
  override readonly name = 'TimeoutError';
}

async function actAndDie({ account, act }: BrokenCall): Promise<never> {
  await act();
  return account.calls.kill();
}

/** StopExecution: what its Lambda does goes on. */
async function stop({ account, execution }: BrokenCall): Promise<void> {
  account.interpreter.abort(execution);
  await account.interpreter.ended(execution);
}

/** An execution that has begun after the broken one, of the same machine. */
function isSuccessor(execution: string, { account: { interpreter }, ...broken }: BrokenCall): boolean {
  const machineOf = (arn: string) => interpreter.describe(arn).machine;
  return execution !== broken.execution && machineOf(execution) === machineOf(broken.execution);
}

/**
 * What happens to a call, and then what Step Functions, a person and the next sweep do: with RecordFailure or, as after
 * `States.Runtime`, without any; with the execution stopped by hand and redriven, alone or beside the run that has followed it.
 */
export const FATES: readonly Fate[] = [
  { name: 'fails before it is sent', meet: () => Promise.reject(new Lost('not sent')) },
  {
    name: 'takes effect and loses its answer',
    meet: async ({ act }) => {
      await act();
      throw new Lost('answer lost');
    },
  },
  { name: 'takes effect and kills the invocation', meet: actAndDie },
  {
    name: 'takes effect, kills the invocation, and every RecordFailure dies too',
    meet: actAndDie,
    afterwards: async ({ handler }, _execution, { account }) => {
      if (handler === 'record-failure') await account.calls.kill();
    },
  },
  {
    name: 'is still on the wire when the invocation ends',
    meet: ({ account, act }) => {
      const arrive = async (): Promise<void> => {
        await account.virtual.clock.sleep(WIRE_MS);
        await act();
      };
      // Nobody is left to hear the answer, whatever it is; but time must wait until the peer has dealt with it.
      void account.virtual.outside(arrive).catch(() => undefined);
      return account.calls.kill();
    },
  },
  {
    name: 'is still on the wire when its execution is stopped and redriven',
    meet: async (broken) => {
      const { account, execution, act } = broken;
      await stop(broken);
      account.interpreter.redrive(execution);
      await account.virtual.clock.sleep(WIRE_MS);
      return act();
    },
  },
  {
    name: 'takes effect, its execution is stopped, and is redriven beside its successor',
    meet: async (broken) => {
      await stop(broken);
      return actAndDie(broken);
    },
    afterwards: async (_later, execution, broken) => {
      const { interpreter } = broken.account;
      const isStopped = interpreter.describe(broken.execution).status === 'ABORTED';
      if (isStopped && isSuccessor(execution, broken)) interpreter.redrive(broken.execution);
    },
  },
];
