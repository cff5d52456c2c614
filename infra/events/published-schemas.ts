import { z } from 'zod';
import { EVENT_SOURCE } from '../../lambdas/core/event-names.ts';
import { EVENT_SCHEMAS } from './event-schemas.ts';

/** `docs/events/<detail type>.json` by file name: JSON Schema (2020-12) of each event's detail. */
export function publishedSchemas(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(EVENT_SCHEMAS).map(([name, schema]) => [
      `${name}.json`,
      `${JSON.stringify({ title: name, ...z.toJSONSchema(schema) }, undefined, 2)}\n`,
    ]),
  );
}

/** `docs/events/README.md`: what each event tells, and how one is received. */
export function eventsPage(): string {
  const rows = Object.entries(EVENT_SCHEMAS).map(
    ([name, schema]) => `| [\`${name}\`](${name}.json) | ${schema.description ?? ''} |`,
  );
  return [
    '# Events',
    '',
    `Perennial puts one event for each fact on the default event bus of its account: source \`${EVENT_SOURCE}\`, detail type as below,`,
    'detail by the schema that it links to. An event may come twice, with the same `id`. This page and the schemas are written by',
    '`npm run events`.',
    '',
    '| detail type | tells |',
    '| --- | --- |',
    ...rows,
    '',
    'A rule that receives failures:',
    '',
    '```json',
    JSON.stringify({ source: [EVENT_SOURCE], 'detail-type': ['certificate.failing', 'certificate.push-failing'] }),
    '```',
    '',
  ].join('\n');
}
