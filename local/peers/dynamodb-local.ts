import { join } from 'node:path';
import type { DynamoClientOptions } from '../aws/dynamodb.ts';
import { DYNAMODB_LOCAL_VERSION, findDynamoDbLocal } from './dynamodb-local-jars.ts';
import { freePort } from './free-port.ts';
import { startGuarded } from './guarded-child.ts';
import { answersAt, untilReady } from './until-ready.ts';

/** A running DynamoDB Local, without tables. It dies with this process, however that ends. */
export type DynamoDbLocal = {
  readonly version: string;
  readonly clientOptions: DynamoClientOptions;
  /** What it has printed so far, for a failed test. */
  output(): string;
  stop(): Promise<void>;
};

const MAIN_CLASS = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';

/**
 * Starts AWS's own DynamoDB on a free port, in memory, without telemetry. It cannot be told to listen on loopback alone.
 * @throws DynamoDbLocalMissingError when it cannot be had; Error with its output when it does not start.
 */
export async function startDynamoDbLocal(env: NodeJS.ProcessEnv = process.env): Promise<DynamoDbLocal> {
  const jars = await findDynamoDbLocal(env);
  const port = await freePort();
  const java = [`-Djava.library.path=${jars}`, '-cp', join(jars, '*'), MAIN_CLASS];
  const server = ['-inMemory', '-disableTelemetry', '-port', String(port)];
  const args = async (): Promise<readonly string[]> => [...java, ...server];
  const child = await startGuarded('dynamodb-local', 'java', args, { DDB_LOCAL_TELEMETRY: '0' });
  const endpoint = `http://127.0.0.1:${port}`;
  await untilReady(child, { name: 'DynamoDB Local', endpoint, answers: () => answersAt(endpoint, () => true) });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return {
    version: `dynamodb-local ${DYNAMODB_LOCAL_VERSION}`,
    clientOptions: { endpoint, region: 'eu-west-1', credentials },
    output: child.output,
    stop: child.stop,
  };
}
