import type {
  CreateSecretRequest,
  CreateSecretResponse,
  DescribeSecretRequest,
  DescribeSecretResponse,
  GetSecretValueRequest,
  GetSecretValueResponse,
  PutSecretValueRequest,
  PutSecretValueResponse,
  Tag,
  UpdateSecretVersionStageRequest,
  UpdateSecretVersionStageResponse,
} from '@aws-sdk/client-secrets-manager';
import { AwsFault } from './fault.ts';
import { uuidOf } from './resource-id.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

export type SecretsManagerAccountOptions = {
  readonly accountId: string;
  readonly region: string;
  /** Told of each text that people keep, by {@link SecretsManagerAccount.putSecret}. */
  readonly onSecret?: (text: string) => void;
};

type Version = { readonly text: string; readonly stages: ReadonlySet<string> };

type Secret = {
  readonly name: string;
  readonly arn: string;
  readonly versions: ReadonlyMap<string, Version>;
  readonly tags: readonly Tag[];
  readonly kmsKeyId?: string;
  readonly isDeleted: boolean;
};

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const LONGEST_TEXT = 65_536;

/**
 * AWS Secrets Manager in one account and region: text secrets, their versions and staging labels.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html
 */
export class SecretsManagerAccount implements FakeAccount {
  readonly #options: SecretsManagerAccountOptions;
  readonly #secrets = new Map<string, Secret>();

  constructor(options: SecretsManagerAccountOptions) {
    this.#options = options;
  }

  /** Makes a secret, or gives it a new current value; its ARN, which ends in six characters that AWS chooses. */
  putSecret(name: string, text: string): string {
    this.#options.onSecret?.(text);
    const secret = this.#secrets.get(name) ?? this.#newSecret(name);
    this.#keep({ ...withCurrent(secret, uuidOf(`${name}${text}`), text), isDeleted: false });
    return secret.arn;
  }

  /** Schedules the deletion of a secret: it is still there, but can no longer be read. */
  deleteSecret(name: string): void {
    const secret = this.#secrets.get(name);
    if (secret !== undefined) this.#keep({ ...secret, isDeleted: true });
  }

  /** Current values by name, of all that are not deleted. */
  currentValues(): Readonly<Record<string, string>> {
    const kept = [...this.#secrets.values()].filter(({ isDeleted }) => !isDeleted);
    return Object.fromEntries(kept.map((secret) => [secret.name, currentOf(secret)?.[1].text ?? '']));
  }

  /** How many versions a secret has. */
  versionsOf(name: string): number {
    return this.#secrets.get(name)?.versions.size ?? 0;
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    switch (operation) {
      case 'GetSecretValue':
        return this.#getSecretValue(expectFields(input, ['SecretId']));
      case 'CreateSecret':
        return this.#create(expectFields(input, CREATE_FIELDS));
      case 'DescribeSecret':
        return this.#describe(expectFields(input, ['SecretId']));
      case 'PutSecretValue':
        return this.#putValue(expectFields(input, ['SecretId', 'ClientRequestToken', 'SecretString']));
      case 'UpdateSecretVersionStage':
        return this.#moveStage(expectFields(input, STAGE_FIELDS));
      default:
        throw new Error(`SecretsManagerAccount does not know ${operation}; add it with its rules.`);
    }
  }

  #getSecretValue({ SecretId }: GetSecretValueRequest): GetSecretValueResponse {
    const secret = this.#readable(SecretId);
    const [VersionId, { text, stages }] = currentOf(secret) ?? missing();
    return { ARN: secret.arn, Name: secret.name, VersionId, SecretString: text, VersionStages: [...stages] };
  }

  #create(request: CreateSecretRequest): CreateSecretResponse {
    const { Name = '', ClientRequestToken, SecretString, Tags = [], KmsKeyId } = request;
    const token = tokenOf(ClientRequestToken);
    const text = textOf(SecretString);
    const existing = this.#secrets.get(Name);
    if (existing?.isDeleted) {
      throw new AwsFault(
        'InvalidRequestException',
        `You can't create this secret because a secret with this name is already scheduled for deletion.`,
      );
    }
    // A repeated request with the same token and value is answered as the first one was.
    if (existing !== undefined && existing.versions.get(token)?.text !== text)
      throw new AwsFault('ResourceExistsException', `The operation failed because the secret ${Name} already exists.`);
    const secret = existing ?? this.#newSecret(Name);
    const made = { ...secret, tags: Tags, ...(KmsKeyId !== undefined && { kmsKeyId: KmsKeyId }) };
    if (existing === undefined) this.#keep(withCurrent(made, token, text));
    return { ARN: secret.arn, Name, VersionId: token };
  }

  #describe({ SecretId }: DescribeSecretRequest): DescribeSecretResponse {
    const secret = this.#found(SecretId);
    const { arn, name, tags, kmsKeyId, versions } = secret;
    // Versions without a label are deprecated and not listed.
    const staged = [...versions].filter(([, { stages }]) => stages.size > 0);
    return {
      ARN: arn,
      Name: name,
      Tags: [...tags],
      ...(secret.isDeleted && { DeletedDate: new Date(0) }),
      VersionIdsToStages: Object.fromEntries(staged.map(([id, { stages }]) => [id, [...stages]])),
      ...(kmsKeyId !== undefined && { KmsKeyId: kmsKeyId }),
    };
  }

  #putValue({ SecretId, ClientRequestToken, SecretString }: PutSecretValueRequest): PutSecretValueResponse {
    const secret = this.#readable(SecretId);
    const token = tokenOf(ClientRequestToken);
    const text = textOf(SecretString);
    const existing = secret.versions.get(token);
    if (existing !== undefined && existing.text !== text)
      throw new AwsFault(
        'ResourceExistsException',
        'The operation failed because a version with this ClientRequestToken and another value already exists.',
      );
    if (existing === undefined) this.#keep(withCurrent(secret, token, text));
    return { ARN: secret.arn, Name: secret.name, VersionId: token, VersionStages: [CURRENT] };
  }

  #moveStage(request: UpdateSecretVersionStageRequest): UpdateSecretVersionStageResponse {
    const { SecretId, VersionStage, MoveToVersionId = '', RemoveFromVersionId } = request;
    const secret = this.#readable(SecretId);
    if (VersionStage !== CURRENT) throw new Error(`SecretsManagerAccount moves ${CURRENT} only, not ${VersionStage}.`);
    const target = secret.versions.get(MoveToVersionId);
    if (target === undefined) throw new AwsFault('ResourceNotFoundException', "can't find the specified version.");
    const [holder] = currentOf(secret) ?? [];
    if (holder !== undefined && holder !== MoveToVersionId && holder !== RemoveFromVersionId)
      throw new AwsFault(
        'InvalidParameterException',
        `The parameter RemoveFromVersionId can't be empty or another than ${holder}, to which ${CURRENT} is attached.`,
      );
    this.#keep(withCurrent(secret, MoveToVersionId, target.text));
    return { ARN: secret.arn, Name: secret.name };
  }

  #newSecret(name: string): Secret {
    const { accountId, region } = this.#options;
    const arn = `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-${uuidOf(name).slice(0, 6)}`;
    return { name, arn, versions: new Map(), tags: [], isDeleted: false };
  }

  #keep(secret: Secret): void {
    this.#secrets.set(secret.name, secret);
  }

  #found(id = ''): Secret {
    const found = [...this.#secrets.values()].find(({ name, arn }) => id === name || id === arn);
    if (found === undefined) missing();
    return found;
  }

  #readable(id?: string): Secret {
    const secret = this.#found(id);
    if (!secret.isDeleted) return secret;
    throw new AwsFault(
      'InvalidRequestException',
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  }
}

const CREATE_FIELDS = ['Name', 'ClientRequestToken', 'Description', 'Tags', 'KmsKeyId', 'SecretString'] as const;
const STAGE_FIELDS = ['SecretId', 'VersionStage', 'MoveToVersionId', 'RemoveFromVersionId'] as const;

function missing(): never {
  throw new AwsFault('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
}

function currentOf({ versions }: Secret): readonly [string, Version] | undefined {
  return [...versions].find(([, { stages }]) => stages.has(CURRENT));
}

/** AWSCURRENT goes to this version, AWSPREVIOUS to the one that had it. */
function withCurrent(secret: Secret, id: string, text: string): Secret {
  const [before] = currentOf(secret) ?? [];
  const versions = new Map(
    [...secret.versions].map(([each, version]) => [each, { ...version, stages: new Set<string>() }]),
  );
  const holder = before === undefined ? undefined : versions.get(before);
  if (before !== undefined && before !== id && holder !== undefined)
    versions.set(before, { ...holder, stages: new Set([PREVIOUS]) });
  versions.set(id, { text, stages: new Set([CURRENT]) });
  return { ...secret, versions };
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html */
function tokenOf(token = ''): string {
  if (token.length >= 32 && token.length <= 64) return token;
  throw new AwsFault('ValidationException', 'ClientRequestToken must have 32 to 64 characters.');
}

function textOf(text = ''): string {
  if (text !== '' && Buffer.byteLength(text) <= LONGEST_TEXT) return text;
  throw new AwsFault('ValidationException', `SecretString must have 1 to ${LONGEST_TEXT} bytes.`);
}
