import { describe, expect, it } from 'vitest';
import { createHttpsSend } from '../../../../lambdas/acme/http.ts';
import { isPrivateAddress } from '../../../../lambdas/alerts/channels/public-url.ts';
import { publicLookup } from '../../../../lambdas/ports/public-lookup.ts';

describe('A host', () => {
  it('that leads to this machine is not connected to', async () => {
    const { send, close } = createHttpsSend(publicLookup);
    const request = { url: 'https://localhost:9/', method: 'POST', headers: {}, body: '', timeoutMs: 5_000 };
    await expect(send(request)).rejects.toThrow('its host has no address of the internet');
    close();
  });
});

describe('The lookup', () => {
  // An address is resolved without asking anybody.
  it.each([true, false])('answers as Node asks it to, all addresses: %s', async (all) => {
    const answer = new Promise((resolve, reject) => {
      publicLookup('1.1.1.1', { all }, (error, address, family) =>
        error ? reject(error) : resolve([address, family]),
      );
    });
    const address = { address: '1.1.1.1', family: 4 };
    expect(await answer).toEqual(all ? [[address], undefined] : [address.address, address.family]);
  });
});

describe('An address', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.170.2',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fd00:ec2::254',
    'fe80::1',
    '::ffff:127.0.0.1',
  ])('is private: %s', (address) => expect(isPrivateAddress(address)).toBe(true));

  it.each(['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
    'is of the internet: %s',
    (address) => expect(isPrivateAddress(address)).toBe(false),
  );
});
