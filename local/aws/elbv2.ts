import type {
  AddListenerCertificatesInput,
  Certificate,
  DescribeListenerCertificatesInput,
  DescribeListenersInput,
  Listener,
  ModifyListenerInput,
  ProtocolEnum,
  RemoveListenerCertificatesInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsFault } from './fault.ts';
import type { FakeAccount } from './seam.ts';
import { expectFields } from './strict-input.ts';

export type LoadBalancingOptions = {
  readonly accountId: string;
  readonly region: string;
  /** Whether ACM has a certificate under this ARN. */
  readonly knows: (arn: string) => boolean;
  /** Certificates a page of DescribeListenerCertificates. Default 400. */
  readonly pageSize?: number;
};

type Row = {
  readonly protocol: ProtocolEnum;
  readonly defaultArn: string | undefined;
  readonly sni: readonly string[];
};

/** Without the default. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const MOST_CERTIFICATES = 25;
const CERTIFICATES = ['ListenerArn', 'Certificates'] as const;

/**
 * Elastic Load Balancing: listeners and their certificates.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/Welcome.html
 */
export class LoadBalancingAccount implements FakeAccount {
  readonly #options: LoadBalancingOptions;
  readonly #rows = new Map<string, Row>();

  constructor(options: LoadBalancingOptions) {
    this.#options = options;
  }

  /** Makes a listener; its ARN. One that serves TLS has a default certificate from the start. */
  createListener(protocol: ProtocolEnum = 'HTTPS', defaultArn?: string): string {
    const { accountId, region } = this.#options;
    const id = (this.#rows.size + 1).toString(16).padStart(16, '0');
    const arn = `arn:aws:elasticloadbalancing:${region}:${accountId}:listener/app/shop/50dc6c495c0c9188/${id}`;
    this.#rows.set(arn, { protocol, defaultArn, sni: [] });
    return arn;
  }

  /** What a listener serves: its default, then the others in the order in which they were added. */
  served(listenerArn: string): readonly string[] {
    const { defaultArn, sni } = this.#row(listenerArn);
    return [...(defaultArn === undefined ? [] : [defaultArn]), ...sni];
  }

  /** Answers one operation of the API. `input` is the SDK's input, the answer its output without metadata. */
  async call(operation: string, input: object): Promise<object> {
    switch (operation) {
      case 'DescribeListeners':
        return this.#describe(expectFields(input, ['ListenerArns']));
      case 'DescribeListenerCertificates':
        return this.#list(expectFields(input, ['ListenerArn', 'Marker', 'PageSize']));
      case 'ModifyListener':
        return this.#modify(expectFields(input, CERTIFICATES));
      case 'AddListenerCertificates':
        return this.#add(expectFields(input, CERTIFICATES));
      case 'RemoveListenerCertificates':
        return this.#remove(expectFields(input, CERTIFICATES));
      default:
        throw new Error(`LoadBalancingAccount does not know ${operation}; add it with its rules.`);
    }
  }

  #describe({ ListenerArns = [] }: DescribeListenersInput): { readonly Listeners: readonly Listener[] } {
    return { Listeners: ListenerArns.map((arn) => this.#shown(arn)) };
  }

  #shown(arn: string): Listener {
    const { protocol, defaultArn } = this.#row(arn);
    const Certificates = defaultArn === undefined ? [] : [{ CertificateArn: defaultArn }];
    return { ListenerArn: arn, Protocol: protocol, Certificates };
  }

  /** The default is on the list as well, marked as such. */
  #list({ ListenerArn = '', Marker = '0' }: DescribeListenerCertificatesInput): object {
    const { defaultArn, sni } = this.#row(ListenerArn);
    const all = [
      ...(defaultArn === undefined ? [] : [{ CertificateArn: defaultArn, IsDefault: true }]),
      ...sni.map((arn) => ({ CertificateArn: arn, IsDefault: false })),
    ];
    const end = Number(Marker) + (this.#options.pageSize ?? 400);
    return { Certificates: all.slice(Number(Marker), end), ...(end < all.length && { NextMarker: String(end) }) };
  }

  #modify({ ListenerArn = '', Certificates = [] }: ModifyListenerInput): object {
    const row = this.#row(ListenerArn);
    const [arn] = this.#certificatesOf(row, Certificates);
    this.#rows.set(ListenerArn, { ...row, defaultArn: arn });
    return { Listeners: [this.#shown(ListenerArn)] };
  }

  #add({ ListenerArn = '', Certificates = [] }: AddListenerCertificatesInput): object {
    const row = this.#row(ListenerArn);
    const sni = [...new Set([...row.sni, ...this.#certificatesOf(row, Certificates)])];
    if (sni.length > MOST_CERTIFICATES)
      throw new AwsFault(
        'TooManyCertificatesException',
        `The listener may have ${MOST_CERTIFICATES} certificates.`,
        400,
      );
    this.#rows.set(ListenerArn, { ...row, sni });
    return { Certificates };
  }

  #remove({ ListenerArn = '', Certificates = [] }: RemoveListenerCertificatesInput): object {
    const row = this.#row(ListenerArn);
    const gone = new Set(Certificates.map(({ CertificateArn }) => CertificateArn));
    if (gone.has(row.defaultArn) && !row.sni.some((arn) => gone.has(arn)))
      throw new AwsFault('OperationNotPermittedException', 'The default certificate cannot be removed.', 400);
    this.#rows.set(ListenerArn, { ...row, sni: row.sni.filter((arn) => !gone.has(arn)) });
    return {};
  }

  /** One a call, of an ARN only, and `IsDefault` may not be set. */
  #certificatesOf({ protocol }: Row, certificates: readonly Certificate[]): readonly string[] {
    if (protocol !== 'HTTPS' && protocol !== 'TLS')
      throw new AwsFault('ValidationError', `A listener of protocol ${protocol} takes no certificates.`, 400);
    const [only, ...others] = certificates;
    if (only?.CertificateArn === undefined || others.length > 0 || only.IsDefault !== undefined)
      throw new AwsFault('ValidationError', 'Name exactly one certificate, without IsDefault.', 400);
    if (!this.#options.knows(only.CertificateArn))
      throw new AwsFault('CertificateNotFoundException', `Certificate ${only.CertificateArn} not found`, 400);
    return [only.CertificateArn];
  }

  #row(arn: string): Row {
    const row = this.#rows.get(arn);
    if (row === undefined)
      throw new AwsFault('ListenerNotFoundException', `One or more listeners not found: ${arn}`, 400);
    return row;
  }
}
