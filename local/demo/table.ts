import type { DemoReport } from '../demo-report.ts';
import { columns } from './columns.ts';
import { short } from './scenes/prove.ts';
import type { Story } from './story.ts';

/** Tells what there is in the end: the certificates, what they cost, and whether all was true. */
export function tellReport(report: DemoReport, story: Story): void {
  const { bold, dim, green, red } = story.colours;
  story.tell(`\n${bold('What is served now')}`);
  for (const [index, line] of columns(rowsOf(report)).entries()) story.tell(`  ${index === 0 ? dim(line) : line}`);
  story.tell('');
  for (const line of columns(countsOf(report))) story.tell(`  ${line}`);
  const { made, failures } = story.claims;
  story.tell('');
  if (failures.length === 0) story.tell(green(`  All ${made} claims held, in ${report.seconds} s.`));
  else story.tell(red(`  ${failures.length} of ${made} claims did not hold.`));
}

function rowsOf({ certificates }: DemoReport): string[][] {
  const rows = certificates.map(({ name, domains, versions, servedFingerprint, notAfter }) => [
    name,
    domains.join(', '),
    String(versions),
    servedFingerprint === '' ? 'nothing' : short(servedFingerprint),
    notAfter.slice(0, 10),
  ]);
  return [['certificate', 'names', 'versions', 'served SHA-256', 'until'], ...rows];
}

function countsOf({ ca, acme, transitions }: DemoReport): string[][] {
  const kinds = Object.entries(acme.byKind).map(([kind, count]) => `${kind} ${count}`);
  return [
    [ca, `${acme.requests} requests: ${kinds.slice(0, 5).join(', ')}${kinds.length > 5 ? ',' : ''}`],
    ['', kinds.slice(5).join(', ')],
    [
      'transitions',
      `at most ${transitions.renewal} a renewal, ${transitions.push} a push, ${transitions.sweep} a sweep`,
    ],
  ];
}
