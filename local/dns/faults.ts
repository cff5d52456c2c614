import type { DnsSource } from './zone-data.ts';

/** What a server does wrong when it is asked for a name. */
export type DnsFault =
  /** Answers SERVFAIL or REFUSED. */
  | { readonly kind: 'servfail' | 'refused' }
  /** Never answers. */
  | { readonly kind: 'drop' }
  /** Answers FORMERR to a query with EDNS, as servers from before RFC 6891 do; or never answers over TCP. */
  | { readonly kind: 'noEdns' | 'noTcp' }
  /** Of a server: it has no IPv4 address. */
  | { readonly kind: 'ipv6Only' }
  /** Shows TXT values only from that instant on, milliseconds since the epoch; all of them, or the one named. */
  | { readonly kind: 'lag'; readonly until: number; readonly value?: string };

/** Faults of a server by name; `*` stands for every name that has none of its own. */
export class DnsFaults {
  readonly #faults = new Map<string, DnsFault>();

  set(name: string, fault: DnsFault): void {
    this.#faults.set(name.toLowerCase(), fault);
  }

  clear(name?: string): void {
    if (name === undefined) this.#faults.clear();
    else this.#faults.delete(name.toLowerCase());
  }

  of(name: string): DnsFault | undefined {
    return this.#faults.get(name) ?? this.#faults.get('*');
  }

  /** What one server of several does wrong, whatever it is asked; set as `@server`. */
  at(server: string): DnsFault | undefined {
    return this.#faults.get(`@${server}`);
  }

  /** The source as it looks while some of its values lag. */
  lagging(source: DnsSource, now: () => number): DnsSource {
    const at = (zone: string, name: string) =>
      source.at(zone, name).filter((record) => record.type !== 'TXT' || this.#shows(record, now()));
    const shown = (zone: string, name: string) => this.of(name)?.kind !== 'lag' || at(zone, name).length > 0;
    return {
      zones: () => source.zones(),
      at,
      names: (zone) => [...source.names(zone)].filter((name) => shown(zone, name)),
    };
  }

  #shows(record: { readonly name: string; readonly data: string }, now: number): boolean {
    const fault = this.of(record.name);
    if (fault?.kind !== 'lag' || now >= fault.until) return true;
    return fault.value !== undefined && fault.value !== record.data;
  }
}
