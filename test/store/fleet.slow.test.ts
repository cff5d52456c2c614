import { MemoryDynamoDb, memoryClientSettings } from '../../local/aws/memory-dynamodb/memory-dynamodb.ts';
import { fleetCases } from './fleet.ts';

fleetCases(5_000, 300_000, async () => ({
  settings: memoryClientSettings(new MemoryDynamoDb()),
  stop: async () => undefined,
}));
