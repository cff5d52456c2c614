import { ACM_CLIENT_SETTINGS } from '../../lambdas/targets/acm.ts';
import { retriesWithoutDelay } from '../../local/aws/retries.ts';
import { type Around, connectFake, type FakeAccount, type SdkClient } from '../../local/aws/seam.ts';

const PLAIN_SETTINGS = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

/** What SDK clients of a stage are made with. */
export const CLIENT_SETTINGS = { ...PLAIN_SETTINGS, retryStrategy: retriesWithoutDelay() };

/** Those of ACM: a strategy of retries would be stronger than the one attempt that its port asks for. */
export const ACM_SETTINGS = { ...PLAIN_SETTINGS, ...ACM_CLIENT_SETTINGS };

export const PLACE = { accountId: '123456789012', region: 'us-east-1' };

/** Counts what goes through to the services of a stage, and lets faults stand around it. */
export class StageCalls {
  #around: Around | undefined;
  #writes = 0;

  setAround(around: Around | undefined): void {
    this.#around = around;
  }

  writes(): number {
    return this.#writes;
  }

  connect<Client extends SdkClient>(client: Client, account: FakeAccount): Client {
    return connectFake(client, account, (operation, input, act) => {
      const counted = () => {
        if (!/^(Get|List|Describe|Head)/.test(operation)) this.#writes += 1;
        return act();
      };
      return this.#around === undefined ? counted() : this.#around(operation, input, counted);
    });
  }
}
