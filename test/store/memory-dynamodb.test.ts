import { MemoryDynamoDb, memoryClientSettings } from '../../local/aws/memory-dynamodb/memory-dynamodb.ts';
import { storeContract } from './contract.ts';

storeContract('the table in memory', async () => ({
  settings: memoryClientSettings(new MemoryDynamoDb()),
  stop: async () => undefined,
}));
