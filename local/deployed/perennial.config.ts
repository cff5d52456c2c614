import { defineConfig } from '../../infra/config/define-config.ts';
import { CERTIFICATES } from './names.ts';
import { readSurroundings } from './surroundings.ts';

const { ca, dnsServer, edgePort } = readSurroundings();

/** The demo's configuration: what a user would write, with addresses on loopback. */
export default defineConfig({
  certificates: CERTIFICATES.map(({ name, domains }) => ({
    name,
    domains: [...domains],
    cas: ['local'],
    targets: [{ kind: 'acm', probe: { host: '127.0.0.1', port: edgePort, servername: domains[0] } }],
  })),
  cas: { local: { ...ca, environment: 'staging' } },
  dns: { nameServers: { '*': dnsServer }, resolvers: [dnsServer] },
  alerts: { email: ['operations@perennial.test'] },
  checkInterval: '5 minutes',
});
