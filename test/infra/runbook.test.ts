import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alarmTable } from '../../infra/alarm-table.ts';
import { SECOND_ALARMS } from '../../infra/second-watch/second-watch-alarms.ts';
import { FINDING_KINDS } from '../../lambdas/core/findings.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const RUNBOOK = readFileSync(join(ROOT, 'docs', 'runbook.md'), 'utf8');

/** Messages that ask a person to act, or may. */
const MESSAGES = [
  'certificate.failing',
  'certificate.push-failing',
  'certificate.action-needed',
  'certificate.at-risk',
  'certificates.at-risk',
  'certificate.retired-served',
  'certificate.warning',
  'account.registered-again',
  'watch.blind',
  'watch.subscriptions',
];
/** What expires has the section of its message. */
const KINDS = FINDING_KINDS.filter((kind) => kind !== 'expiring');

const sections = new Map(
  RUNBOOK.split(/^## /m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf('\n')), text] as const),
);

describe('The runbook', () => {
  it('has one section for each alarm, each message that asks a person to act, and each kind of finding, and no other', () => {
    const alarms = new Set([...alarmTable(900), ...SECOND_ALARMS].map(({ name }) => name));
    expect([...sections.keys()].sort()).toEqual([...alarms, ...MESSAGES, ...KINDS].sort());
  });

  it.each([...sections.keys()])(
    'says of %s what it means, what to check, with a command, and how to mend it',
    (name) => {
      const text = sections.get(name) ?? '';
      for (const part of ['**Meaning.**', '**Check.**', '**Mend.**']) expect(text).toContain(part);
      expect(text).toMatch(/```sh\n[\s\S]+?```/);
    },
  );

  it('has commands that a shell can read', () => {
    for (const [, commands = ''] of RUNBOOK.matchAll(/```sh\n([\s\S]+?)```/g))
      execFileSync('bash', ['-n'], { input: commands });
  });

  it('has every section that a message or an alarm names', () => {
    const sources = globSync('{lambdas,infra}/**/*.ts', { cwd: ROOT }).map((path) =>
      readFileSync(join(ROOT, path), 'utf8'),
    );
    const named = sources.flatMap((text) =>
      [...text.matchAll(/docs\/runbook\.md, "([\w.-]+)"/g)].map(([, name = '']) => name),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !sections.has(name))).toEqual([]);
  });

  it('links only to its own sections', () => {
    const anchors = [...sections.keys()].map((name) => `#${name.replaceAll('.', '')}`);
    const links = [...RUNBOOK.matchAll(/\]\((#[^)]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
  });
});
