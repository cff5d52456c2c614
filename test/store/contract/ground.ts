import { randomUUID } from 'node:crypto';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { CertificateDeclaration } from '../../../lambdas/core/declaration.ts';
import { declarationHash, settingsHash } from '../../../lambdas/core/declaration.ts';
import { DEFAULT_RETRY } from '../../../lambdas/core/retry-policy.ts';
import type { RoleRow, RowKey, TargetRow } from '../../../lambdas/core/rows.ts';
import { tablePort } from '../../../lambdas/ports/base-ports.ts';
import { readRole, readTarget } from '../../../lambdas/store/certificates.ts';
import { declareRole, declareTarget, writeDeclaration } from '../../../lambdas/store/inventory.ts';
import type { Item, Table } from '../../../lambdas/store/table.ts';
import { createActiveTable } from '../../../local/aws/dynamodb.ts';
import { retriesWithoutDelay } from '../../../local/aws/retries.ts';
import { Calls } from '../../../local/embedded/calls.ts';
import { observeDynamo } from '../../../local/embedded/observe.ts';

/** An instant that all cases count from. */
export const NOW = Date.UTC(2027, 0, 1);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A DynamoDB endpoint that a suite may use and then stop. */
export type Endpoint = { readonly settings: DynamoDBClientConfig; stop(): Promise<void> };

/** A fresh table and what cases do around the store's own functions. */
export type Ground = {
  readonly table: Table;
  /** Carries out the next write and loses its answer, as often as asked; the SDK then sends it again. */
  loseAnswers(times: number): void;
  /** Lets something happen just before the next call of an operation reaches the table. */
  meanwhile(operation: string, happens: () => Promise<unknown>): void;
  put(item: Item): Promise<void>;
  /** A declared certificate's role, due at {@link NOW}. */
  role(declaration?: CertificateDeclaration): Promise<RoleRow>;
  target(name: string, id?: string): Promise<TargetRow>;
  close(): void;
};

class AnswerLost extends Error {
  override readonly name = 'TimeoutError';
}

/** Creates a table of its own at the endpoint. */
export async function openGround({ settings }: Endpoint): Promise<Ground> {
  const calls = new Calls();
  const client = observeDynamo(new DynamoDBClient({ ...settings, retryStrategy: retriesWithoutDelay() }), calls);
  const name = `contract-${randomUUID()}`;
  await createActiveTable(client, name);
  const table = tablePort(client, name);
  return {
    table,
    close: () => client.destroy(),
    ...mishaps(calls),
    put: async (item) => {
      await table.client.send(new PutCommand({ TableName: name, Item: item }));
    },
    role: async (declaration = declarationOf(newName())) => {
      await declareCertificate(table, declaration, NOW);
      for (const target of declaration.targets) await declareTarget(table, declaration, target, NOW);
      return found(await readRole(table, declaration.name));
    },
    target: async (certificate, id = 'acm') => found(await readTarget(table, certificate, id)),
  };
}

function mishaps(calls: Calls): Pick<Ground, 'loseAnswers' | 'meanwhile'> {
  return {
    loseAnswers: (times) => {
      let left = times;
      calls.plan = async ({ operation }, act) => {
        const answer = await act();
        if (operation !== 'UpdateItem' || left === 0) return answer;
        left -= 1;
        throw new AnswerLost('the answer was lost');
      };
    },
    meanwhile: (awaited, happens) => {
      calls.plan = async ({ operation }, act) => {
        if (operation !== awaited) return act();
        calls.plan = (_call, go) => go();
        await happens();
        return act();
      };
    },
  };
}

let names = 0;

/** A certificate's name that no case has used. */
export function newName(): string {
  names += 1;
  return `site-${names}`;
}

/** What a deployment writes of one certificate, without its targets; whether its role became due. */
export async function declareCertificate(
  table: Table,
  declaration: CertificateDeclaration,
  now: number,
): Promise<boolean> {
  await writeDeclaration(table, declaration);
  const { name, retry } = declaration;
  const [hash, settings] = [declarationHash(declaration), settingsHash(declaration)];
  return declareRole(table, { name, hash, retry, settings }, now);
}

/** A declaration with one ACM target. */
export function declarationOf(name: string, changes: Partial<CertificateDeclaration> = {}): CertificateDeclaration {
  return {
    name,
    domains: [`${name}.example.test`],
    keyType: 'ecdsa-p256',
    cas: [
      {
        name: 'ca',
        directoryUrl: 'https://ca.example.test/directory',
        environment: 'production',
        accountLabel: 'default',
        contact: [],
      },
    ],
    targets: [{ id: 'acm', kind: 'acm', probe: { host: '192.0.2.1', port: 443, servername: `${name}.example.test` } }],
    renewal: {},
    retry: DEFAULT_RETRY,
    ...changes,
  };
}

export function keyOf({ pk, sk }: RowKey): RowKey {
  return { pk, sk };
}

/** The value, which must be there. */
export function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is nothing where the case has put something');
  return value;
}

/** The same work, so many times at once. */
export function together<T>(count: number, work: (index: number) => Promise<T>): Promise<readonly T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)));
}
