import { defineConfig } from '../../infra/config/define-config.ts';
import { readSurroundings } from './surroundings.ts';

const { ca, dnsServer, edgePort } = readSurroundings();

/** The demo's: two certificates, one of them with apex and wildcard, whose challenges share a record set. */
export default defineConfig({
  certificates: [
    {
      name: 'website',
      domains: ['perennial.test', '*.perennial.test'],
      cas: ['local'],
      targets: [{ kind: 'acm', probe: { host: '127.0.0.1', port: edgePort, servername: 'perennial.test' } }],
    },
    {
      name: 'api',
      domains: ['api.garden.test'],
      cas: ['local'],
      targets: [{ kind: 'acm', probe: { host: '127.0.0.1', port: edgePort, servername: 'api.garden.test' } }],
    },
  ],
  cas: { local: { ...ca, environment: 'staging' } },
  dns: { nameServers: { '*': dnsServer }, resolvers: [dnsServer] },
  alerts: { email: ['operations@perennial.test'] },
  checkInterval: '5 minutes',
});
