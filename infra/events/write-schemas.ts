import { writeFileSync } from 'node:fs';
import { eventsPage, publishedSchemas } from './published-schemas.ts';

const folder = new URL('../../docs/events/', import.meta.url);
for (const [name, text] of Object.entries(publishedSchemas())) writeFileSync(new URL(name, folder), text);
writeFileSync(new URL('README.md', folder), eventsPage());
