import { defineConfig } from './infra/config/define-config.ts';

// Reserved names: this file synthesises as it is, but a deployment is refused until they are replaced by your own.
export default defineConfig({
  certificates: [
    {
      name: 'website',
      domains: ['example.com', '*.example.com'],
      cas: ['letsencrypt'],
      targets: [{ kind: 'acm' }],
    },
  ],
  alerts: { email: ['operations@example.com'] },
  checkInterval: '15 minutes',
});
