import { writeFileSync } from 'node:fs';
import { targetsPage } from './page.ts';

writeFileSync(new URL('../../docs/targets.md', import.meta.url), targetsPage());
