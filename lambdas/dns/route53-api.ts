import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  type HostedZone,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { awsErrorFacts, awsFailure } from '../core/aws-failure.ts';
import type { StepFailure } from '../core/failure.ts';
import { canonicalName } from './names.ts';
import type { Patience } from './patience.ts';

/** Refusals that pass with time: of the account, or of a zone whose last change is still being carried out. */
const BUSY: readonly string[] = ['Throttling', 'ThrottlingException', 'PriorRequestNotComplete'];

/**
 * The five operations Perennial has of Route 53. Where Route 53 is busy each waits and tries again, as long as the patience
 * lasts, on top of the SDK's own quick retries. All throw AWS's error; {@link route53Failure} says what it means.
 */
export class Route53Api {
  readonly #client: Route53Client;

  constructor(client: Route53Client) {
    this.#client = client;
  }

  /** All hosted zones of the account, in Route 53's order. */
  async zones(patience: Patience): Promise<readonly HostedZone[]> {
    const zones: HostedZone[] = [];
    let from: { DNSName?: string | undefined; HostedZoneId?: string | undefined } = {};
    for (;;) {
      const command = new ListHostedZonesByNameCommand(from);
      const page = await whileBusy(patience, () => this.#client.send(command));
      zones.push(...(page.HostedZones ?? []));
      if (!page.IsTruncated) return zones;
      from = { DNSName: page.NextDNSName, HostedZoneId: page.NextHostedZoneId };
    }
  }

  /** Name servers of a zone's delegation set; none for a private zone. */
  async delegationSet(zoneId: string, patience: Patience): Promise<readonly string[]> {
    const answer = await whileBusy(patience, () => this.#client.send(new GetHostedZoneCommand({ Id: zoneId })));
    return (answer.DelegationSet?.NameServers ?? []).map(canonicalName);
  }

  /** All record sets at exactly this name, of every type. */
  async recordSetsAt(zoneId: string, name: string, patience: Patience): Promise<readonly ResourceRecordSet[]> {
    const sets: ResourceRecordSet[] = [];
    let from: object = { StartRecordName: name };
    for (;;) {
      const command = new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, ...from });
      const page = await whileBusy(patience, () => this.#client.send(command));
      const here = (page.ResourceRecordSets ?? []).filter((set) => canonicalName(set.Name ?? '') === name);
      sets.push(...here);
      const goesOn = page.IsTruncated === true && canonicalName(page.NextRecordName ?? '') === name;
      if (!goesOn) return sets;
      from = {
        StartRecordName: page.NextRecordName,
        StartRecordType: page.NextRecordType,
        StartRecordIdentifier: page.NextRecordIdentifier,
      };
    }
  }

  /** Carries out all changes or none; the id of the change. */
  async change(zoneId: string, changes: readonly Change[], patience: Patience): Promise<string> {
    const command = new ChangeResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      ChangeBatch: { Changes: [...changes] },
    });
    const answer = await whileBusy(patience, () => this.#client.send(command));
    return bareId(answer.ChangeInfo?.Id);
  }

  /** Whether a change has reached all of Route 53's servers. */
  async isInSync(changeId: string, patience: Patience): Promise<boolean> {
    const answer = await whileBusy(patience, () => this.#client.send(new GetChangeCommand({ Id: changeId })));
    return answer.ChangeInfo?.Status === 'INSYNC';
  }
}

async function whileBusy<Answer>(patience: Patience, ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!BUSY.includes(awsErrorFacts(error).name) || !(await patience.wait())) throw error;
    }
  }
}

/** `/hostedzone/Z1` and `/change/C1` without their path. */
export function bareId(id: string | undefined): string {
  return (id ?? '').replace(/^.*\//, '');
}

/**
 * What an error of Route 53 means: busy or unreachable passes, all else is for a person.
 *
 * @param doing What failed, as a sentence's beginning.
 * @param allow The permission it needs, as `action on resource`.
 */
export function route53Failure(error: unknown, doing: string, allow: string): StepFailure {
  const { name } = awsErrorFacts(error);
  if (name.startsWith('AccessDenied')) return awsFailure(error, doing, `Allow ${allow} to the role that it names.`);
  if (name === 'NoSuchHostedZone') {
    return awsFailure(error, doing, 'The zone was deleted: create it again, or remove its names from the certificate.');
  }
  return awsFailure(error, doing);
}
