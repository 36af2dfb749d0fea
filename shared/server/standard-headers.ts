/** What every answer carries. A constant: @fastify/helmet would put the same lines together anew for each request. */
const everywhere = [
  'x-content-type-options',
  'nosniff',
  'referrer-policy',
  'no-referrer',
  'strict-transport-security',
  'max-age=31536000; includeSubDomains',
  'x-frame-options',
  'DENY',
];

/** For JSON and text: nothing in it may run or load, wherever a browser shows it. */
export const apiHeaders: readonly string[] = [
  ...everywhere,
  'content-security-policy',
  "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy',
  'same-origin',
];

/** For a page of ours, which brings its own content policy. */
export const pageHeaders: readonly string[] = [...everywhere, 'cross-origin-opener-policy', 'same-origin'];
