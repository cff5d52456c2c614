import { startDynamo } from '../../local/aws/dynamodb.ts';
import { fleetCases } from './fleet.ts';

fleetCases(200, 60_000, async () => {
  const dynamo = await startDynamo({ tableName: 'unused' });
  return { settings: dynamo.clientOptions, stop: dynamo.stop };
});
