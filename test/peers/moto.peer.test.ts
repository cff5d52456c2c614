import { afterAll, beforeAll, it } from 'vitest';
import { MOTO, type Moto, startMoto } from '../../local/peers/moto.ts';
import { pythonInterpreter } from '../../local/peers/python.ts';
import { portContracts } from '../lambdas/port-contracts.ts';
import { emulatedAccount } from '../support/emulator/emulated-account.ts';
import { peerOrSkip } from '../support/peers.ts';
import { MOTO_DIFFERENCES } from './moto-differences.ts';

const NAME = `moto ${MOTO.version}`;

// The wire formats of what the fakes play, judged by those whom neither we nor MiniStack's makers have written.
if ((await peerOrSkip(NAME, () => pythonInterpreter(MOTO))) === undefined) {
  it.todo(`the contracts of the ports on ${NAME}`);
} else {
  let moto: Moto | undefined;

  beforeAll(async () => {
    moto = await startMoto();
  });

  afterAll(async () => {
    await moto?.stop();
  });

  portContracts(
    NAME,
    emulatedAccount(() => {
      if (moto === undefined) throw new Error('moto does not run');
      return moto.client;
    }),
    MOTO_DIFFERENCES,
  );
}
