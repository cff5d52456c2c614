import type { PermissionCase } from './permission-case.ts';
import { PERMISSIONS } from './permission-table.ts';
import { UNTOLD } from './permissions-untold.ts';

const INTRODUCTION = `# Permissions

What every Lambda, state machine and the schedule may call, and calls that they may not. This page is made from the table that
tests judge with an IAM simulator on the synthesised policies (\`npm run permissions\` writes it). Taking any action, resource
or condition away turns a test red, so nothing is granted that nothing needs.

Two Lambdas stand in other stacks. That of \`certificateArn\` may read the SSM parameters of the stack that it names, and invoke
itself. The second watch may read CloudWatch's metrics and list who is subscribed to its own topic; it knows no table and no key.
`;

/** \`docs/permissions.md\`, from the table. */
export function permissionsPage(): string {
  const sections = Object.entries(PERMISSIONS).map(
    ([name, cases]) => `## ${name}\n\n${HEAD}\n${cases.map(row).join('\n')}\n`,
  );
  const untold = UNTOLD.map(({ without, why }) => `- \`${without.source}\`: ${why}`);
  return [INTRODUCTION, ...sections, `## What no case can tell\n\n${untold.join('\n')}\n`].join('\n');
}

const HEAD = '| who | | call | on | why |\n| --- | --- | --- | --- | --- |';

function row({ who, allowed, action, on, why, context, ground }: PermissionCase): string {
  const asked = Object.entries(context ?? {}).map(([key, value]) => `${key.replace(/^.*:/, '')}: ${[value].flat()}`);
  const call = [`\`${action}\``, ...asked.map((text) => `\`${text}\``)].join('<br>');
  const where = ground === 'any zone' ? `${on} (no zones declared)` : on;
  return `| ${who.join(', ')} | ${allowed ? 'may' : 'may **not**'} | ${call} | ${where} | ${why} |`;
}
