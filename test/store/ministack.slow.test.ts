import { it } from 'vitest';
import { startMiniStack } from '../../local/deployed/ministack.ts';
import { MINISTACK_VERSION, miniStackInterpreter } from '../../local/deployed/python.ts';
import { peerOrSkip } from '../support/peers.ts';
import { storeContract } from './contract.ts';

const NAME = `MiniStack ${MINISTACK_VERSION}`;

if ((await peerOrSkip(NAME, miniStackInterpreter)) === undefined) {
  it.todo(`the store's contract on ${NAME}`);
} else {
  storeContract(NAME, async () => {
    const ministack = await startMiniStack();
    return { settings: ministack.client, stop: ministack.stop };
  });
}
