import { X509Certificate } from 'node:crypto';
import { ACMClient } from '@aws-sdk/client-acm';
import { sha256Of } from '../../lambdas/core/verify-certificate.ts';
import { createAcmPort } from '../../lambdas/targets/acm.ts';
import { AcmAccount } from '../../local/aws/acm.ts';
import { connectFake } from '../../local/aws/seam.ts';
import { ACM_SETTINGS, PLACE } from './stage.ts';
import { OWNER, type TestVersion } from './target-job.ts';

/** ACM, in which another target of the same certificate holds it: a renewal keeps the ARN. */
export class AcmBeside {
  readonly account = new AcmAccount({ ...PLACE, now: () => Date.now() });
  #arn: Promise<string | undefined> = Promise.resolve(undefined);

  /** Its ARN; one import after the other. */
  hold(version: TestVersion): Promise<string> {
    const arn = this.#arn.then((before) => this.#import(version, before));
    this.#arn = arn;
    return arn;
  }

  #import(version: TestVersion, arn: string | undefined): Promise<string> {
    const client = connectFake(new ACMClient(ACM_SETTINGS), this.account);
    const port = createAcmPort({ client, table: 'table' });
    return port.importCertificate(version, OWNER, arn);
  }

  knows(arn: string): boolean {
    return this.account.certificates().some((held) => held.arn === arn);
  }

  /** SHA-256 of what an ARN holds. */
  held(arn: string | undefined): string | undefined {
    const found = this.account.certificates().find((held) => held.arn === arn);
    return found && sha256Of(new X509Certificate(found.leafPem));
  }
}
