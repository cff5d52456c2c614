import { fleetCases } from './fleet.ts';

fleetCases(200, 60_000);
