import type { FieldText, TargetDescriptor } from './descriptor.ts';
import { TARGET_DESCRIPTORS } from './registry.ts';

/** Told once, for all kinds. */
const COMMON_FIELDS: Readonly<Record<string, FieldText>> = {
  id: {
    what: 'names it within its certificate: up to 40 of `a-z`, `0-9`, `-`',
    byDefault: 'the kind, and where it is',
  },
  probe: {
    what: "where a TLS handshake shows what is served: `{ host, port, servername }`, or `'control-plane'` where none can",
    byDefault: 'below, for each kind',
  },
  retry: { what: 'how to try again, as that of a certificate', byDefault: 'the `retry` of the certificate' },
};

const PLACE_FIELDS: Readonly<Record<string, FieldText>> = {
  region: { what: 'its region', byDefault: 'the region of the stack' },
  role: {
    what: '`{ roleArn, externalId }`: a role in the account that has it, which the Lambda assumes; it needs the same permissions',
    byDefault: 'the account of the stack has it',
  },
};

/** `docs/targets.md`, from the descriptors. */
export function targetsPage(): string {
  return [
    '# Targets',
    '',
    'Where a certificate is put and served. This page is made from the descriptors in `infra/targets/` by `npm run targets`.',
    'A push counts when a TLS handshake shows the version; where none can, when the service says that it is in effect.',
    'Targets never wait for each other, but those that bind an ARN wait for the ACM target that has it.',
    '',
    '## Every kind',
    '',
    ...fieldTable(COMMON_FIELDS),
    ...TARGET_DESCRIPTORS.flatMap(section),
    '',
  ].join('\n');
}

function section(descriptor: TargetDescriptor): readonly string[] {
  const { kind, summary, fields, servesTls, schema } = descriptor;
  const { keyTypes, source, readBack, notes } = descriptor.limits();
  const shape = 'shape' in schema && typeof schema.shape === 'object' ? Object.keys(schema.shape ?? {}) : [];
  const place = Object.fromEntries(Object.entries(PLACE_FIELDS).filter(([field]) => shape.includes(field)));
  const keys =
    keyTypes === undefined ? 'Key types: all.' : `Key types: ${keyTypes.join(', ')} ([source](${source ?? ''})).`;
  const probe = servesTls ? 'the first name that is no wildcard, at port 443' : "`'control-plane'`";
  return [
    '',
    `## \`${kind}\``,
    '',
    summary,
    '',
    ...fieldTable({ ...fields, ...place }),
    '',
    `${keys} Read back: ${readBack}. Default of \`probe\`: ${probe}.`,
    ...notes,
  ];
}

function fieldTable(fields: Readonly<Record<string, FieldText>>): readonly string[] {
  const rows = Object.entries(fields).map(
    ([field, { what, byDefault }]) => `| \`${field}\` | ${what} | ${byDefault} |`,
  );
  return ['| field | what | default |', '| --- | --- | --- |', ...rows];
}
