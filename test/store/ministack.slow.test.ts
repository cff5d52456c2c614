import { it } from 'vitest';
import { startMiniStack } from '../../local/deployed/ministack.ts';
import { MINISTACK } from '../../local/deployed/ministack-environment.ts';
import { pythonInterpreter } from '../../local/peers/python.ts';
import { peerOrSkip } from '../support/peers.ts';
import { storeContract } from './contract.ts';

const NAME = `MiniStack ${MINISTACK.version}`;

if ((await peerOrSkip(NAME, () => pythonInterpreter(MINISTACK))) === undefined) {
  it.todo(`the store's contract on ${NAME}`);
} else {
  storeContract(NAME, async () => {
    const ministack = await startMiniStack();
    return { settings: ministack.client, stop: ministack.stop };
  });
}
