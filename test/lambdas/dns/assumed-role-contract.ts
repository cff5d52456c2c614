import { expect } from 'vitest';
import type { AssumableRole } from '../../../lambdas/core/dns-zones.ts';
import { type AssumeRoleOptions, assumedRole } from '../../../lambdas/ports/assumed-role.ts';
import { contract, type Judge } from '../../support/contract.ts';

/** Who plays STS, and what a person does there. */
export type StsBench = {
  /** A way to reach this STS, as a caller whom its roles admit. */
  readonly options: () => AssumeRoleOptions;
  /** Makes a role that admits everybody of the caller's account who knows the external id; its ARN. */
  readonly createRole: (externalId: string | undefined) => Promise<string>;
  /** Milliseconds since the epoch, as this STS counts. */
  readonly now: () => number;
};

/** What an assumed role promises, whoever plays STS. */
export function assumedRoleContract(judge: Judge, open: () => StsBench): void {
  contract('An assumed role', judge, (it) => {
    it('gives credentials for a quarter of an hour', async () => {
      const { options, createRole, now } = open();
      const roleArn = await createRole(undefined);
      const before = now();
      const credentials = await assumedRole({ roleArn }, 'dns.zones', options())();
      expect(credentials).toEqual(
        expect.objectContaining({
          accessKeyId: expect.stringMatching(/^ASIA[A-Z0-9]{16}$/),
          secretAccessKey: expect.stringMatching(/./),
          sessionToken: expect.stringMatching(/./),
        }),
      );
      const seconds = ((credentials.expiration?.getTime() ?? 0) - before) / 1000;
      expect(seconds).toBeGreaterThan(890);
      expect(seconds).toBeLessThan(930);
    });

    it('is given to who knows its external id', async () => {
      const { options, createRole } = open();
      const roleArn = await createRole('known');
      const credentials = await assumedRole({ roleArn, externalId: 'known' }, 'dns.zones', options())();
      expect(credentials.accessKeyId).toMatch(/^ASIA/);
    });

    for (const [what, externalId] of [
      ['another external id', 'guessed'],
      ['none', undefined],
    ] as const) {
      it(`is refused to who knows ${what}, and that is told with what to correct`, async () => {
        const { options, createRole } = open();
        const roleArn = await createRole('known');
        const role: AssumableRole = externalId === undefined ? { roleArn } : { roleArn, externalId };
        await expect(assumedRole(role, 'dns.zones', options())()).rejects.toMatchObject(denied());
      });
    }

    it('that does not exist is refused in the same way', async () => {
      const { options, createRole } = open();
      const roleArn = `${await createRole(undefined)}-gone`;
      await expect(assumedRole({ roleArn }, 'dns.zones', options())()).rejects.toMatchObject(denied());
    });
  });
}

function denied(): object {
  return {
    detail: { class: 'person', code: 'AccessDenied', message: expect.stringContaining(`admits this stack's account`) },
  };
}
