import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Calls } from './calls.ts';

/** Lets every request of a DynamoDB client pass through an account's calls, each attempt of the SDK as one. */
export function observeDynamo(client: DynamoDBClient, calls: Calls): DynamoDBClient {
  client.middlewareStack.addRelativeTo(
    (next, context) => (args) => calls.pass('dynamodb', operationOf(context.commandName), () => next(args)),
    { name: 'observedCalls', relation: 'after', toMiddleware: 'retryMiddleware', override: true },
  );
  return client;
}

function operationOf(commandName: unknown): string {
  return String(commandName).replace(/Command$/, '');
}
