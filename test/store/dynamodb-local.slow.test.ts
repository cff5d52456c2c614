import { it } from 'vitest';
import { startDynamoDbLocal } from '../../local/peers/dynamodb-local.ts';
import { DYNAMODB_LOCAL_VERSION, findDynamoDbLocal } from '../../local/peers/dynamodb-local-jars.ts';
import { peerOrSkip } from '../support/peers.ts';
import { storeContract } from './contract.ts';

const NAME = `DynamoDB Local ${DYNAMODB_LOCAL_VERSION}`;

if ((await peerOrSkip(NAME, findDynamoDbLocal)) === undefined) {
  it.todo(`the store's contract on ${NAME}`);
} else {
  storeContract(NAME, async () => {
    const dynamo = await startDynamoDbLocal();
    return { settings: dynamo.clientOptions, stop: dynamo.stop };
  });
}
