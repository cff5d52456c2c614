import type { DynamoDBClient, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-dynamodb';
import type { FinalizeRequestMiddleware } from '@smithy/types';
import type { Calls } from './calls.ts';

/** Lets every request of a DynamoDB client pass through an account's calls, each attempt of the SDK as one. */
export function observeDynamo(client: DynamoDBClient, calls: Calls, service = 'dynamodb'): DynamoDBClient {
  const middleware: FinalizeRequestMiddleware<ServiceInputTypes, ServiceOutputTypes> = (next, context) => (args) =>
    calls.pass(service, operationOf(context.commandName), () => next(args));
  client.middlewareStack.addRelativeTo(middleware, {
    name: 'observedCalls',
    relation: 'after',
    toMiddleware: 'retryMiddleware',
    override: true,
  });
  return client;
}

function operationOf(commandName: unknown): string {
  return String(commandName).replace(/Command$/, '');
}
