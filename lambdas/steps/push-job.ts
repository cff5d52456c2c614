import { StepFailure } from '../core/failure.ts';
import type { PushBundle } from '../core/ports.ts';
import type { VersionRow } from '../core/rows.ts';
import type { TargetDeclaration } from '../core/target-declaration.ts';
import type { PushJob } from '../core/target-driver.ts';
import { readIssued } from '../core/verify-certificate.ts';
import { readRole, readVersion } from '../store/certificates.ts';
import { makingOf } from './making.ts';
import type { PushPorts } from './ports.ts';
import type { PushRun } from './push-run.ts';
import { ownerOf } from './push-run.ts';

/** A version as a driver gets it. */
export function pushJob(
  run: PushRun<PushPorts>,
  version: VersionRow,
  certificateArn: string | undefined,
): PushJob<TargetDeclaration> {
  const { target, ports } = run;
  const { sha256, keyType, notBefore, notAfter, domains } = version;
  return {
    target: target.target,
    owner: ownerOf(target),
    sha256,
    keyType,
    notBefore,
    notAfter,
    domains,
    superseded: target.superseded ?? [],
    ...(target.remoteId === undefined ? {} : { remoteId: target.remoteId }),
    ...(certificateArn === undefined ? {} : { certificateArn }),
    bundle: () => bundleOf(ports, version),
    making: makingOf(run),
    mayReplaceNewer: (installed) => mayReplaceNewer(run, installed),
  };
}

/** A rollback asks for it; or names were changed and changed back: the role is back at what was issued before. */
async function mayReplaceNewer({ ports: { table }, target }: PushRun<PushPorts>, installed: string): Promise<boolean> {
  if (target.rolledBackFrom === installed) return true;
  const held = await readVersion(table, target.certificate, installed);
  const role = await readRole(table, target.certificate);
  return held !== undefined && role?.version !== undefined && role.version === target.desired;
}

async function bundleOf(ports: PushPorts, version: VersionRow): Promise<PushBundle> {
  const issued = readIssued(version.chainPem);
  if (issued === undefined) {
    const message = `version ${version.sha256} holds no certificate`;
    throw new StepFailure({ class: 'bug', code: 'versionBroken', message });
  }
  const privateKeyPem = await ports.vault.open(version.sealedKey);
  return { sha256: version.sha256, leafPem: issued.leafPem, intermediatesPem: issued.intermediatesPem, privateKeyPem };
}
