import {
  CreateSecretCommand,
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { awsErrorFacts, awsFailure } from '../core/aws-failure.ts';
import { StepFailure } from '../core/failure.ts';
import type { SecretsManagerTarget } from '../core/target-declaration.ts';
import type { Installed, PushJob, TargetDriver } from '../core/target-driver.ts';
import { exportFiles } from './export-files.ts';
import { OWNER_TAG } from './owner-tag.ts';

export type SecretsManagerDriverParts = {
  readonly clientFor: (target: SecretsManagerTarget) => SecretsManagerClient;
  /** Names whose secret it is, beside the certificate. */
  readonly table: string;
};

const CURRENT = 'AWSCURRENT';

/**
 * Certificates as secrets of Secrets Manager. The id of a secret's version is the SHA-256 of the leaf, so that what it holds
 * is known without reading it, and a request that is repeated makes nothing twice.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
 */
export function createSecretsManagerDriver(parts: SecretsManagerDriverParts): TargetDriver<SecretsManagerTarget> {
  return { install: (job) => new Secret(parts, job).install() };
}

class Secret {
  readonly #client: SecretsManagerClient;
  readonly #job: PushJob<SecretsManagerTarget>;
  readonly #owner: string;

  constructor({ clientFor, table }: SecretsManagerDriverParts, job: PushJob<SecretsManagerTarget>) {
    this.#client = clientFor(job.target);
    this.#job = job;
    this.#owner = `${table}/${job.owner.certificate}/${job.owner.target}`;
  }

  async install(): Promise<Installed> {
    const found = await this.#describe();
    if (found === undefined) await this.#create();
    else await this.#replace(found);
    const now = await this.#describe();
    if (this.#isCurrent(now)) return { remoteId: this.#job.sha256, deployed: true };
    const message = `the secret ${this.#name} does not hold version ${this.#job.sha256} after it was written`;
    throw new StepFailure({ class: 'transient', code: 'readBack', message });
  }

  get #name(): string {
    return this.#job.target.secretName;
  }

  async #describe(): Promise<DescribeSecretCommandOutput | undefined> {
    try {
      return await this.#client.send(new DescribeSecretCommand({ SecretId: this.#name }));
    } catch (error) {
      if (awsErrorFacts(error).name === 'ResourceNotFoundException') return undefined;
      throw awsFailure(error, `Reading the secret ${this.#name}`);
    }
  }

  async #create(): Promise<void> {
    const { kmsKeyArn } = this.#job.target;
    const command = new CreateSecretCommand({
      Name: this.#name,
      ClientRequestToken: this.#job.sha256,
      Description: `Certificate ${this.#job.owner.certificate}, kept by Perennial`,
      Tags: [{ Key: OWNER_TAG, Value: this.#owner }],
      ...(kmsKeyArn !== undefined && { KmsKeyId: kmsKeyArn }),
      SecretString: await this.#value(),
    });
    try {
      await this.#client.send(command);
    } catch (error) {
      const failure = this.#failure(error, 'Creating');
      // Another push has made it meanwhile: the next try finds it.
      if (failure.detail.code !== 'ResourceExistsException') throw failure;
      throw new StepFailure({ ...failure.detail, class: 'transient' }, { cause: error });
    }
  }

  async #replace(found: DescribeSecretCommandOutput): Promise<void> {
    this.#refuseForeign(found);
    if (this.#isCurrent(found)) return;
    const { sha256 } = this.#job;
    const stages = found.VersionIdsToStages ?? {};
    if (sha256 in stages) return this.#promote(sha256, holderOf(stages));
    const command = new PutSecretValueCommand({
      SecretId: this.#name,
      ClientRequestToken: sha256,
      SecretString: await this.#value(),
    });
    try {
      await this.#client.send(command);
    } catch (error) {
      if (awsErrorFacts(error).name !== 'ResourceExistsException') throw this.#failure(error, 'Writing to');
      await this.#promoteUnlisted();
    }
  }

  /** The version is there already: by a push at the same time, or without a label, which DescribeSecret does not list. */
  async #promoteUnlisted(): Promise<void> {
    const found = await this.#describe();
    if (!this.#isCurrent(found)) await this.#promote(this.#job.sha256, holderOf(found?.VersionIdsToStages ?? {}));
  }

  /** A version that is there already: an earlier one that is wanted again, or one whose answer was lost half-way. */
  async #promote(sha256: string, from: string | undefined): Promise<void> {
    const command = new UpdateSecretVersionStageCommand({
      SecretId: this.#name,
      VersionStage: CURRENT,
      MoveToVersionId: sha256,
      ...(from !== undefined && { RemoveFromVersionId: from }),
    });
    try {
      await this.#client.send(command);
    } catch (error) {
      throw this.#failure(error, 'Moving AWSCURRENT in');
    }
  }

  #failure(error: unknown, doing: string): StepFailure {
    return awsFailure(error, `${doing} the secret ${this.#name}`);
  }

  async #value(): Promise<string> {
    const { pkcs12, ...files } = exportFiles(await this.#job.bundle(), this.#job.owner);
    const { sha256, notAfter } = this.#job;
    const ends = new Date(notAfter).toISOString();
    return JSON.stringify({ ...files, pkcs12: pkcs12.toString('base64'), sha256, notAfter: ends });
  }

  #isCurrent(found: DescribeSecretCommandOutput | undefined): boolean {
    return found?.VersionIdsToStages?.[this.#job.sha256]?.includes(CURRENT) === true;
  }

  #refuseForeign({ Tags = [], ARN, DeletedDate }: DescribeSecretCommandOutput): void {
    const { id } = this.#job.target;
    if (DeletedDate !== undefined) {
      const message = `the secret ${this.#name} is scheduled for deletion. Restore it, or name another secretName in the target "${id}"`;
      throw new StepFailure({ class: 'person', code: 'secretDeleted', message });
    }
    if (Tags.some(({ Key }) => Key === OWNER_TAG)) return;
    const message = `the secret ${this.#name} (${ARN ?? ''}) was not made by Perennial, and what it holds would be lost. Name another secretName in the target "${id}", or give the secret the tag ${OWNER_TAG} with the value ${this.#owner}`;
    throw new StepFailure({ class: 'person', code: 'secretNotOurs', message });
  }
}

function holderOf(stages: Readonly<Record<string, readonly string[] | undefined>>): string | undefined {
  return Object.keys(stages).find((id) => stages[id]?.includes(CURRENT));
}
