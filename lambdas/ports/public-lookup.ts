import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPrivateAddress } from '../alerts/channels/public-url.ts';

/** Resolves a host as Node does, and refuses what leads to an address that is not of the internet. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '', 0);
    const reachable = addresses.filter(({ address }) => !isPrivateAddress(address));
    const [first] = reachable;
    if (first === undefined) return callback(new Error('its host has no address of the internet'), '', 0);
    if (options.all === true) return callback(null, reachable);
    callback(null, first.address, first.family);
  });
};
