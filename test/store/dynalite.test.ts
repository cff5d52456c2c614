import { startDynamo } from '../../local/aws/dynamodb.ts';
import { storeContract } from './contract.ts';

storeContract('dynalite', async () => {
  const dynamo = await startDynamo({ tableName: 'unused' });
  return { settings: dynamo.clientOptions, stop: dynamo.stop };
});
