import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StepFailure } from '../../lambdas/core/failure.ts';
import type { TargetDeclaration } from '../../lambdas/core/target-declaration.ts';
import type { Installed, TargetDriver } from '../../lambdas/core/target-driver.ts';
import { AwsFault } from '../../local/aws/fault.ts';
import type { Around } from '../../local/aws/seam.ts';
import { jobOf, OWNER, type RowState, type TestVersion, twoVersions } from './target-job.ts';

/** A target with whoever plays its service. */
export type TargetStage<Target extends TargetDeclaration> = {
  readonly driver: TargetDriver<Target>;
  readonly target: Target;
  /** Stands around every call to the service from now on. */
  setAround(around: Around | undefined): void;
  /** SHA-256 of the leaf that the target holds, seen from the far side. */
  held(): Promise<string | undefined>;
  /** How many versions of ours there are. */
  objects(): number;
  /** Calls that changed something. */
  writes(): number;
  /** For targets that bind an ARN: has ACM hold the version, and says where. */
  certificateArn?(version: TestVersion): Promise<string>;
  /** Has something use what is held under this name, or use it no more. */
  use?(remoteId: string, inUse: boolean): void;
};

/** What is known of how a kind differs from the others. */
export type TargetTraits = {
  /** Nothing is written for another version: what is bound stays bound. */
  readonly bindsOnce?: true;
  /** No error of an AWS service can be told to it. */
  readonly ownFaults?: Readonly<Record<'denied' | 'throttled' | 'broken', Around>>;
};

const denied: Around = async () => {
  throw new AwsFault('AccessDeniedException', 'User: arn:aws:sts::1:assumed-role/x is not authorized', 403);
};
const throttled: Around = async () => {
  throw new AwsFault('ThrottlingException', 'Rate exceeded', 400);
};
const broken: Around = async () => {
  throw new AwsFault('InternalFailure', 'We are sorry', 500);
};
const AWS_FAULTS = { denied, throttled, broken };

/** Nobody answers any more after so many calls; what they did is done. */
function loseAfter(calls: number): Around {
  let made = 0;
  return async (_operation, _input, act) => {
    made += 1;
    const answer = await act();
    if (made >= calls) throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
    return answer;
  };
}

const MOST_CALLS = 40;

/** What every kind of target promises, whoever plays its service. */
export function describeTarget<Target extends TargetDeclaration>(
  name: string,
  makeStage: () => TargetStage<Target>,
  { bindsOnce, ownFaults }: TargetTraits = {},
): void {
  describe(name, () => {
    let older: TestVersion;
    let newer: TestVersion;
    let stage: TargetStage<Target>;
    let row: RowState;

    beforeAll(async () => {
      [older, newer] = await twoVersions();
    });
    beforeEach(() => {
      stage = makeStage();
      row = emptyRow();
    });

    const install = async (version: TestVersion): Promise<Installed> => {
      const arn = await stage.certificateArn?.(version);
      const job = jobOf(stage.target, version, row, arn);
      const installed = await stage.driver.install(job);
      row.isAnnounced = false;
      const before = row.remoteId;
      if (before !== undefined && before !== installed.remoteId) row.superseded = [...row.superseded, before];
      row.remoteId = installed.remoteId;
      await stage.driver.attach?.(job, installed.remoteId);
      return installed;
    };

    it('holds a version that it is given', async () => {
      const { remoteId } = await install(older);
      expect(remoteId).not.toBe('');
      expect(await stage.held()).toBe(older.sha256);
      expect(stage.objects()).toBe(1);
    });

    it('is left alone where it holds the version already, and no key is opened', async () => {
      const first = await install(older);
      const [written, opened] = [stage.writes(), older.opened];
      expect(await install(older)).toEqual(first);
      expect(stage.writes()).toBe(written);
      expect(older.opened).toBe(opened);
    });

    it('holds the next version instead', async () => {
      await install(older);
      await install(newer);
      expect(await stage.held()).toBe(newer.sha256);
    });

    it('holds an earlier version again when that is put back', async () => {
      await install(older);
      await install(newer);
      await install(older);
      expect(await stage.held()).toBe(older.sha256);
    });

    it('holds one version although two pushes of it meet', async () => {
      const results = await Promise.allSettled([install(older), install(older)]);
      row.isAnnounced = false;
      if (results.some(({ status }) => status === 'rejected')) await install(older);
      expect(await stage.held()).toBe(older.sha256);
      expect(stage.objects()).toBe(1);
    });

    it('is for a person to mend, with what and how, where access is denied', async () => {
      await stage.certificateArn?.(older);
      stage.setAround((ownFaults ?? AWS_FAULTS).denied);
      const message = expect.stringMatching(/(Allow|Correct|Write|Give|Create|Add) /);
      await expect(install(older)).rejects.toMatchObject({ detail: { class: 'person', message } });
    });

    it.each(['throttled', 'broken'] as const)('is tried again where it is %s', async (fault) => {
      await stage.certificateArn?.(older);
      stage.setAround((ownFaults ?? AWS_FAULTS)[fault]);
      await expect(install(older)).rejects.toMatchObject({
        detail: { class: expect.stringMatching(/transient|later/) },
      });
      stage.setAround(undefined);
      row.isAnnounced = false;
      await install(older);
      expect(await stage.held()).toBe(older.sha256);
    });

    it('is served and holds it once, whichever answer was lost', async () => {
      for (let calls = 1; calls <= MOST_CALLS; calls += 1) {
        stage = makeStage();
        row = emptyRow();
        await stage.certificateArn?.(older);
        stage.setAround(loseAfter(calls));
        const lost = await install(older).then(
          () => false,
          () => true,
        );
        stage.setAround(undefined);
        row.isAnnounced = false;
        await install(older);
        expect([calls, await stage.held(), stage.objects()]).toEqual([calls, older.sha256, 1]);
        if (!lost) return;
      }
      throw new Error(`a push made ${MOST_CALLS} calls`);
    });

    it.runIf(bindsOnce)('changes nothing at a renewal, whose ARN stays', async () => {
      await install(older);
      const written = stage.writes();
      await install(newer);
      expect(stage.writes()).toBe(written);
    });

    it('keeps what it has superseded until that is removed, and removes it once', async () => {
      await install(older);
      await install(newer);
      const { discard } = stage.driver;
      if (discard === undefined) return;
      for (const remoteId of row.superseded) {
        expect(await discard(stage.target, remoteId)).toBe(true);
        expect(await discard(stage.target, remoteId)).toBe(true);
      }
      expect(await stage.held()).toBe(newer.sha256);
      expect(stage.objects()).toBe(1);
    });
  });
}

/** What the row of a target remembers. Of two pushes that meet, one may announce something; the other stops. */
function emptyRow(): RowState {
  const row: RowState = {
    superseded: [],
    making: {
      perhapsAs: [],
      announce: async () => {
        if (row.isAnnounced === true)
          throw new StepFailure({ class: 'transient', code: 'importOnItsWay', message: 'another push makes one' });
        row.isAnnounced = true;
        row.making = { ...row.making, perhapsAs: [OWNER] };
      },
      refused: async () => {},
      made: async (remoteId) => {
        if (row.remoteId !== undefined && row.remoteId !== remoteId) row.superseded = [...row.superseded, row.remoteId];
        row.remoteId = remoteId;
        row.making = { ...row.making, perhapsAs: [] };
      },
    },
  };
  return row;
}
