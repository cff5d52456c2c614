import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { tablePort } from '../ports/base-ports.ts';
import { systemClock } from '../ports/clock.ts';
import { answerCloudFormation } from '../ports/custom-resource.ts';
import { requireEnv } from '../ports/environment.ts';
import { readDeclarations } from '../ports/inventory-asset.ts';
import { lambdaLog } from '../ports/lambda-log.ts';
import { logged } from '../ports/logged.ts';
import { startSweep } from '../ports/start-sweep.ts';
import { startWatch } from '../ports/start-watch.ts';
import { type InventoryChanges, syncInventory } from '../steps/sync-inventory.ts';

const s3 = new S3Client({});
const sfn = new SFNClient({});
const lambda = new LambdaClient({});
const log = lambdaLog();
const table = tablePort(new DynamoDBClient({}), requireEnv('TABLE_NAME'), log);
const ports = { table, clock: systemClock, log };

/** The custom resource that makes the table say what the configuration says. Deleting it retires nothing. */
export const handler = (event: CloudFormationCustomResourceEvent, context: Context): Promise<void> =>
  answerCloudFormation(event, context, 'perennial-inventory', () =>
    logged('sync-inventory', ports, event, () => sync(event)),
  );

async function sync(event: CloudFormationCustomResourceEvent): Promise<Readonly<Record<string, string>>> {
  if (event.RequestType === 'Delete') return {};
  const { bucket, key, allowRetire } = event.ResourceProperties;
  const declarations = await readDeclarations(s3, String(bucket), String(key));
  // CloudFormation hands booleans over as texts.
  const changes = await syncInventory(declarations, ports, { allowRetire: String(allowRetire) === 'true' });
  const isNews = event.RequestType === 'Create' || changes.due.length + changes.retired.length > 0;
  if (isNews) await startSweep(sfn, requireEnv('SWEEP_MACHINE_ARN'), event.RequestId);
  await startWatch(lambda, requireEnv('WATCH_FUNCTION_ARN'), log);
  return countsOf(changes);
}

function countsOf(changes: InventoryChanges): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(changes).map(([what, names]) => [what, String(names.length)]));
}
