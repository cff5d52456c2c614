import { describe, expect, it } from 'vitest';
import {
  BASE,
  DIRECTORY,
  json,
  KEY_PEM,
  NOW,
  openSession,
  scriptedCa,
  settingsOf,
  TIME_LEFT_MS,
} from './scripted-ca.ts';

describe('registering a key that the CA knows already', () => {
  it('is one request, and its 200 (RFC 8555 section 7.3) names the account', async () => {
    const said = json({ status: 'valid' }, 'b', { headers: { location: `${BASE}/account/7` } });
    const ca = scriptedCa(['POST /new-account', said]);
    const { connector } = openSession(ca, {}, ['a']);
    const session = connector.open({ ca: settingsOf(), keyPem: KEY_PEM, directory: DIRECTORY }, NOW + TIME_LEFT_MS);
    expect(await session.register()).toBe(`${BASE}/account/7`);
    expect(ca.requests).toHaveLength(1);
  });
});
