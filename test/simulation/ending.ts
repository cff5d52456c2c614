import { X509Certificate } from 'node:crypto';
import type { RoleRow, TargetRow } from '../../lambdas/core/rows.ts';
import { slotKey } from '../../lambdas/core/rows.ts';
import { listTargets, readRole, readVersion } from '../../lambdas/store/certificates.ts';
import { readSlot } from '../../lambdas/store/slots.ts';
import { type Deployments, namesOf } from './deployments.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './world.ts';

/** The oracles of the end: faults have stopped, time has passed, and everything is as if nothing had happened. */
export async function checkEnding(world: World, scenario: Scenario, deployments: Deployments): Promise<void> {
  const { watch } = world;
  for (const declaration of deployments.declared())
    await checkCertificate(world, declaration.name, declaration.domains);
  for (const { variants } of scenario.sites) for (const names of variants) await checkSlot(world, names);
  await checkAcm(world, scenario);
  checkIssued(world, deployments);
  checkMessages(world, deployments);
  const values = txtValues(world);
  if (values.length > 0) watch.violated(`TXT values are left: ${values.join(', ')}`);
  const endless = world.account.interpreter.executions.filter(({ status }) => status === 'RUNNING');
  if (endless.length > 0) watch.violated(`executions run without end: ${endless.map(({ name }) => name).join(', ')}`);
}

async function checkCertificate(world: World, name: string, domains: readonly string[]): Promise<void> {
  const { account, watch } = world;
  const { table } = account.ports.base;
  const role = await readRole(table, name);
  if (role?.version === undefined) return watch.violated(`${name} has no certificate`);
  const version = await readVersion(table, name, role.version);
  if (version === undefined || namesOf(version.domains) !== namesOf(domains))
    watch.violated(`${name} has a certificate for ${version?.domains.join()} instead of ${domains.join()}`);
  checkRow(world, role, name);
  for (const target of await listTargets(table, name)) checkTarget(world, target, role.version);
}

function checkRow({ watch }: World, { failure, outbox }: Pick<RoleRow, 'failure' | 'outbox'>, what: string): void {
  if (failure !== undefined) watch.violated(`${what} still fails: ${failure.code} ${failure.message}`);
  const untold = Object.keys(outbox ?? {});
  if (untold.length > 0) watch.violated(`${what} has told nobody of ${untold.join()}`);
}

function checkTarget(world: World, target: TargetRow, version: string): void {
  const { account, watch } = world;
  const { certificate } = target;
  const held = account.acm.certificates().filter(({ arn }) => arn === target.remoteId);
  const [sha] = held.map(({ leafPem }) =>
    new X509Certificate(leafPem).fingerprint256.replaceAll(':', '').toLowerCase(),
  );
  if (target.proven !== version) watch.violated(`${certificate} is not proven at ${target.target.id}`);
  if (held.length !== 1) watch.violated(`${certificate} has ${held.length} certificates in ACM`);
  else if (sha !== version) watch.violated(`${certificate} is served by another version than its current one`);
  checkRow(world, target, `the push of ${certificate}`);
}

/** ACM holds no certificate that no target knows, retired ones included. */
async function checkAcm({ account, watch }: World, { sites }: Scenario): Promise<void> {
  const { table } = account.ports.base;
  const targets = await Promise.all(sites.map(({ name }) => listTargets(table, name)));
  const known = targets.flat().map(({ remoteId }) => remoteId);
  for (const { arn } of account.acm.certificates())
    if (!known.includes(arn)) watch.violated(`${arn} is in ACM, and no target knows it`);
}

/** An owner may be left: its execution has ended, which makes the slot free for whoever comes. */
async function checkSlot({ account, ca, watch }: World, names: readonly string[]): Promise<void> {
  const slot = await readSlot(account.ports.base.table, slotKey(ca.directoryUrl, names));
  for (const left of ['order', 'dns', 'limits', 'dueAt'] as const) {
    const value = slot?.[left];
    const isEmpty = value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
    if (!isEmpty)
      watch.violated(`the slot of ${names.join()} still has ${left}: ${JSON.stringify(value).slice(0, 200)}`);
  }
}

/** At most one certificate for each time that one was needed, and no order finalized into two. */
function checkIssued({ ca, watch }: World, deployments: Deployments): void {
  const issued = new Map<string, number>();
  for (const { names, order } of ca.journal.issued) {
    issued.set(namesOf(names), (issued.get(namesOf(names)) ?? 0) + 1);
    if (ca.journal.issuedFor(order).length > 1) watch.violated(`${order} was issued twice`);
  }
  for (const [names, count] of issued)
    if (count > deployments.asked(names))
      watch.violated(`${count} certificates for ${names} were issued, ${deployments.asked(names)} were needed`);
}

type Told = {
  readonly id: string;
  readonly certificate: string;
  readonly since?: number;
  readonly class?: string;
  readonly subject: string;
};

/** A failure is told once, again only where a person must act or it grows urgent, and its end is told. */
function checkMessages({ account, watch }: World, deployments: Deployments): void {
  const told = new Map<string, Told & { type: string }>();
  for (const { detail, detailType } of account.events.events()) {
    const message = detail as Told;
    told.set(message.id, { ...message, type: detailType });
  }
  const all = [...told.values()];
  const failing = all.filter(({ type }) => type.endsWith('failing'));
  for (const one of failing) {
    const same = failing.filter(
      (other) => other.type === one.type && other.certificate === one.certificate && other.since === one.since,
    );
    const plain = same.filter((other) => other.class !== 'person' && !other.subject.includes('urgent'));
    if (plain.length > 1) watch.violated(`a failure of ${one.certificate} was told ${plain.length} times`);
    const isOver = all.some(
      (other) =>
        other.type === 'certificate.recovered' && other.certificate === one.certificate && other.since === one.since,
    );
    if (!isOver && !deployments.changed.has(one.certificate) && !one.subject.includes('clean-up'))
      watch.violated(`the end of "${one.subject}" was not told`);
  }
}

function txtValues({ account }: World): readonly string[] {
  const sets = account.route53.zones.flatMap(({ sets }) => [...sets.values()]);
  return sets.filter(({ type }) => type === 'TXT').flatMap(({ values }) => values);
}
