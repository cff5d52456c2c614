import type { KeyType } from '../../lambdas/core/declaration.ts';
import type { TargetDeclaration } from '../../lambdas/core/target-declaration.ts';
import type { Making, PushJob } from '../../lambdas/core/target-driver.ts';
import { makeCertificate, type TestCertificate } from '../support/certificates.ts';

export const OWNER = { certificate: 'shop', target: 'one' };
export const DOMAINS = ['shop.test', 'www.shop.test'];

const HOUR_MS = 3_600_000;

/** A version as drivers get it; `opened` counts how often its key was asked for. */
export type TestVersion = TestCertificate & { readonly keyType: KeyType; opened: number };

/** Two versions of one certificate, the second an hour younger. */
export async function twoVersions(keyType: KeyType = 'ecdsa-p256'): Promise<readonly [TestVersion, TestVersion]> {
  const make = async (ago: number): Promise<TestVersion> => ({
    ...(await makeCertificate({ domains: DOMAINS, keyType, notBefore: new Date(Date.now() - ago) })),
    keyType,
    opened: 0,
  });
  return [await make(3 * HOUR_MS), await make(2 * HOUR_MS)];
}

/** What the row of a target would remember between two pushes. */
export type RowState = {
  remoteId?: string;
  superseded: readonly string[];
  /** Something was about to be made, and how that ended is not known. */
  isAnnounced?: boolean;
  making: Making;
};

export function jobOf<Target extends TargetDeclaration>(
  target: Target,
  version: TestVersion,
  row: RowState,
  certificateArn?: string,
): PushJob<Target> {
  const { sha256, keyType, notBefore, notAfter } = version;
  return {
    target,
    owner: OWNER,
    sha256,
    keyType,
    notBefore,
    notAfter,
    domains: DOMAINS,
    superseded: row.superseded,
    ...(row.remoteId === undefined ? {} : { remoteId: row.remoteId }),
    ...(certificateArn === undefined ? {} : { certificateArn }),
    bundle: async () => {
      version.opened += 1;
      return version;
    },
    making: row.making,
    // The newer of the two is put back by a rollback.
    mayReplaceNewer: async () => true,
  };
}
