/**
 * "Who may import whom" of docs/architecture.md, as data. A pattern is a path from the root: `*` is anything within one name,
 * `**` anything at all, and `<x>` one name that is the same on both sides. The first row whose `files` match holds. Type imports
 * count. Packages do not.
 */
export interface ImportRow {
  readonly name: string;
  readonly files: readonly string[];
  readonly mayImport: readonly string[];
}

/** What everything stands on; a new name here is a decision. */
const groundNames = [
  'errors',
  'id',
  'abort',
  'clock',
  'profile',
  'provenance',
  'money',
  'problem',
  'wire-reader',
  'memory',
  'node-http',
];
const ground = groundNames.map((name) => `shared/${name}.ts`);
const settings = [...ground, 'shared/config/**', 'shared/observability/**'];
const withRedis = [...settings, 'shared/redis/**'];
const layers = [
  'shared/cache/**',
  'shared/events/**',
  'shared/security/**',
  'shared/images/**',
  'shared/downstream/**',
  'shared/graphql/**',
];
/** A domain asks for what it needs through the cache and the services' client; the connection to Redis is not its business. */
const belowDomains = [...settings, ...layers];
/** Everything but another client's folder. */
const compositions = ['bffs/*/server.ts', 'demo/**', 'shared/**'];

export const importTable: readonly ImportRow[] = [
  { name: 'the ground', files: ground, mayImport: ground },
  { name: 'config', files: ['shared/config/**'], mayImport: [...ground, 'shared/config/**'] },
  { name: 'observability', files: ['shared/observability/**'], mayImport: [...ground, 'shared/observability/**'] },
  { name: 'redis', files: ['shared/redis/**'], mayImport: withRedis },

  { name: 'cache', files: ['shared/cache/**'], mayImport: [...withRedis, 'shared/cache/**'] },
  { name: 'events', files: ['shared/events/**'], mayImport: [...withRedis, 'shared/events/**'] },
  { name: 'security', files: ['shared/security/**'], mayImport: [...withRedis, 'shared/security/**'] },
  { name: 'images', files: ['shared/images/**'], mayImport: [...settings, 'shared/images/**'] },
  {
    name: 'discovery of instances',
    files: ['shared/downstream/*discovery*.ts'],
    mayImport: [...withRedis, 'shared/downstream/**'],
  },
  { name: 'downstream', files: ['shared/downstream/**'], mayImport: [...settings, 'shared/downstream/**'] },
  { name: 'graphql', files: ['shared/graphql/**'], mayImport: [...settings, 'shared/graphql/**'] },

  {
    name: "a domain's client, loaders and model",
    files: ['client', 'loaders', 'model'].map((name) => `shared/domains/<x>/${name}.ts`),
    mayImport: [...belowDomains, 'shared/domains/<x>/**'],
  },
  {
    name: "a domain's resolvers",
    files: ['shared/domains/<x>/**'],
    mayImport: [...belowDomains, 'shared/domains/<x>/**', 'shared/domains/context.ts', 'shared/domains/generated.ts'],
  },
  {
    name: 'the request context',
    files: ['shared/domains/context.ts'],
    mayImport: [
      ...belowDomains,
      'shared/domains/*.ts',
      'shared/domains/*/loaders.ts',
      'shared/domains/analytics/activity-buffer.ts',
    ],
  },
  {
    name: 'the registries of domains',
    files: ['shared/domains/*.ts'],
    mayImport: [...belowDomains, 'shared/domains/**'],
  },

  { name: 'server', files: ['shared/server/**'], mayImport: ['shared/**'] },
  { name: 'a client', files: ['bffs/<c>/**'], mayImport: ['shared/**', 'bffs/<c>/**'] },

  { name: 'what a person starts of the demo', files: ['demo/*.ts'], mayImport: compositions },
  { name: 'the demo shop', files: ['demo/**'], mayImport: ['demo/**'] },
  { name: 'bench', files: ['bench/**'], mayImport: [...compositions, 'bench/**'] },
  {
    name: 'what the fault catalogue tries on the cache alone',
    files: ['scripts/faults/rows-cache.ts'],
    mayImport: ['shared/**', 'scripts/**', 'test/support/**', 'test/shared/cache/cache-kit.ts'],
  },
  { name: 'scripts', files: ['scripts/**'], mayImport: [...compositions, 'scripts/**', 'test/support/**'] },
  { name: 'tests', files: ['test/**'], mayImport: [...compositions, 'bench/**', 'scripts/**', 'test/**'] },
  { name: 'configuration of tools', files: ['codegen.ts', '*.config.ts'], mayImport: [] },
];
