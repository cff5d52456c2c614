/** CloudWatch namespace of all metrics. */
export const METRIC_NAMESPACE = 'Perennial';

/** What the watch measures of all certificates together; one value an hour, so that thousands of them cost as much as one. */
export const METRICS = {
  CertificatesAtRisk: 'certificates of which something is wrong where they are served, or late',
  CertificatesFailing: 'certificates whose renewal fails',
  PushesFailing: 'targets to which the push fails',
  OldestOverdueMinutes: 'minutes by which the longest due renewal or push is late',
  MinimumRemainingPercent: 'percent of the lifetime that is left of the certificate that has least',
  LimitUsedPercent: "percent of a CA's limit that is used, of the limit that is used most",
  DnsRecordsLeftOver: 'TXT values that could not be removed again',
  AcmImportsUsedPercent: 'percent of the imports into ACM of a year that are used where most are',
  UnconfirmedSubscriptions: 'subscriptions to the alerts that nobody has confirmed',
  WatchCompleted: 'looks at all certificates that came to their end',
} as const;

export type MetricName = keyof typeof METRICS;

/** What the second watch measures, in its own region, of the stack that it watches. */
export const SECOND_METRICS = {
  SweepMissing: '1 where no sweep has succeeded for longer than there may be none, or nobody can tell',
  WatchMissing: '1 where no watch has come to its end for longer than there may be none, or nobody can tell',
  PlacesEnding: 'places that serve what ends very soon or has ended',
  PlacesWrong: 'places that serve what is revoked, untrusted or for other names',
  UnconfirmedSubscriptions: 'subscriptions to its own alerts that nobody has confirmed',
  WatchCompleted: 'looks of its own that came to their end',
} as const;

export type SecondMetricName = keyof typeof SECOND_METRICS;
