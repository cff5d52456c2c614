import { fleetCases } from './fleet.ts';

fleetCases(5_000, 300_000);
