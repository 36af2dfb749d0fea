import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, loadImageConfig } from '../../../shared/config/config.ts';
import { ConfigError } from '../../../shared/config/config-error.ts';
import type { Environment } from '../../../shared/config/environment.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

const serviceToken = 'service-token-0123456789-0123456789';

const production = {
  NODE_ENV: 'production',
  PORT: '4001',
  ADMIN_PORT: '4011',
  JWKS_URL: 'https://identity.shop.example/jwks.json',
  JWT_ISSUER: 'https://identity.shop.example',
  JWT_AUDIENCE: 'shop',
  SERVICE_TOKEN: serviceToken,
  USERS_URLS: 'http://users-1:8080,http://users-2:8080/',
  CATALOG_URLS: 'dns://catalog.internal:8080',
  RECOMMENDATIONS_URLS: 'registry',
  ORDERS_URLS: 'https://orders.internal',
  ANALYTICS_URLS: 'dns+https://analytics.internal:8443',
  NOTIFICATIONS_URLS: 'http://[::1]:8080',
  REDIS_URL: 'rediss://default:p%40ss@cache:6380/1',
};

const imageProduction = {
  IMAGE_BASE_URL: 'https://cdn.shop.example',
  IMAGE_KEYS: `2026:${'k'.repeat(32)}`,
  IMAGE_ORIGINS: 'https://media.shop.example',
  IMAGE_CACHE_DIR: '/var/cache/images',
};

function problemsOf(env: Environment, hasImages = false): readonly string[] {
  try {
    loadConfig(env, { hasImages });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** The names of the variables that are complained of. */
function blamed(env: Environment, hasImages = false): string[] {
  return problemsOf(env, hasImages).map((problem) => problem.slice(0, problem.indexOf(':')));
}

describe('a configuration for production', () => {
  it('is read whole', () => {
    const config = loadConfig(production);
    expect(config).toMatchObject({
      environment: 'production',
      http: {
        host: '127.0.0.1',
        port: 4001,
        adminHost: '127.0.0.1',
        adminPort: 4011,
        hasGraphiql: false,
        corsOrigins: [],
      },
      identity: { algorithm: 'ES256', serviceToken },
      services: {
        users: { kind: 'urls', urls: ['http://users-1:8080', 'http://users-2:8080'] },
        catalog: { kind: 'dns', url: 'http://catalog.internal:8080' },
        recommendations: { kind: 'registry' },
        analytics: { kind: 'dns', url: 'https://analytics.internal:8443' },
        notifications: { kind: 'urls', urls: ['http://[::1]:8080'] },
      },
      redis: { url: 'rediss://default:p%40ss@cache:6380/1' },
      limits: {
        viewerPointsPerMinute: 60_000,
        addressPointsPerMinute: 12_000,
        ipv6PrefixBits: 64,
        shedUtilisation: 0.98,
      },
      documents: { mode: 'allowlist', oldestClientVersion: null },
      observability: { logLevel: 'info', otlpUrl: null },
      resilience: { breakerOpenMs: 60_000 },
      images: null,
    });
  });

  it.each(Object.keys(production).filter((name) => name !== 'NODE_ENV'))('without %s does not start', (name) => {
    expect(blamed({ ...production, [name]: undefined })).toEqual([name]);
    expect(blamed({ ...production, [name]: '  ' })).toEqual([name]);
  });

  it.each(Object.keys(imageProduction))('of a server with pictures, without %s, does not start', (name) => {
    expect(blamed({ ...production, ...imageProduction, [name]: undefined }, true)).toEqual([name]);
  });

  it.each([
    ['PORT', 'abc'],
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '4001.5'],
    ['PORT', '0x50'],
    ['ADMIN_PORT', production.PORT],
    ['DRAIN_NOTICE_MS', '-5'],
    ['DRAIN_NOTICE_MS', '5001'],
    ['BREAKER_OPEN_MS', '10'],
    ['RATE_LIMIT_VIEWER_POINTS', '0'],
    ['RATE_LIMIT_ADDRESS_POINTS', 'unlimited'],
    ['RATE_LIMIT_IPV6_PREFIX', '129'],
    ['RATE_LIMIT_CARRIER_RANGES', '10.0.0.0/33'],
    ['SHED_UTILISATION_PERCENT', '101'],
    ['SERVICE_TOKEN', 'too-short'],
    ['SERVICE_TOKEN', `Bearer ${serviceToken}`],
    ['SERVICE_TOKEN', `${serviceToken}\r\nx-viewer: user-1`],
    ['SERVICE_TOKEN', 'é'.repeat(40)],
    ['JWT_ALGORITHM', 'HS256'],
    ['JWT_ALGORITHM', 'none'],
    ['JWKS_URL', 'http://identity.shop.example/jwks.json'],
    ['JWKS_URL', 'HTTP://identity.shop.example/jwks.json'],
    ['JWKS_URL', 'http://127.evil.example/jwks.json'],
    ['JWKS_URL', 'file:///etc/keys.json'],
    ['JWKS_URL', 'https://user:pass@identity.shop.example/jwks.json'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'https://shop.example/'],
    ['CORS_ORIGINS', 'https://shop.example,null'],
    ['CORS_ORIGINS', 'http://shop.example'],
    ['CORS_ORIGINS', 'ftp://shop.example'],
    ['CORS_ORIGINS', 'http://127.0.0.1.evil.example'],
    ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
    ['TRUSTED_PROXIES', 'load-balancer'],
    ['TRUSTED_PROXIES', '0.0.0.0/0'],
    ['TRUSTED_PROXIES', '10.0.0.0/8,128.0.0.0/1'],
    ['TRUSTED_PROXIES', '::/0'],
    ['TRUSTED_PROXIES', '2000::/3'],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
    ['GRAPHIQL', 'true'],
    ['GRAPHIQL', 'yes'],
    ['DOCUMENTS', 'all'],
    ['OLDEST_CLIENT_VERSION', 'latest'],
    ['LOG_LEVEL', 'verbose'],
    ['OTLP_URL', 'collector:4318'],
    ['USERS_URLS', 'users:8080'],
    ['USERS_URLS', 'http://users:8080,,'],
    ['USERS_URLS', 'ftp://users'],
    ['USERS_URLS', 'http://gateway/users'],
    ['USERS_URLS', 'http://users:8080,http://users:8081?zone=a'],
    ['USERS_URLS', 'http://users#a'],
    ['USERS_URLS', 'dns://users:8080/v1'],
    ['USERS_URLS', 'dns://users'],
    ['REDIS_URL', 'localhost:6379'],
    ['REDIS_URL', 'redis://a:1,b:2'],
    ['REDIS_URL', 'redis://cache:65536'],
    ['REDIS_URL', 'redis+sentinel://a:1,b:99999/leader'],
    ['REDIS_TLS_CA', 'not a certificate'],
    ['NODE_ENV', 'prod'],
    ['NODE_ENV', 'Production'],
  ])('with a bad %s (%s) does not start', (name, value) => {
    expect(blamed({ ...production, [name]: value })).toEqual([name]);
  });

  it.each([
    ['IMAGE_KEYS', 'short:secret'],
    ['IMAGE_KEYS', `a:${'k'.repeat(32)},a:${'l'.repeat(32)}`],
    ['IMAGE_KEYS', 'dev:only-for-development-0123456789abcdef'],
    ['IMAGE_KEYS', `a:${'k'.repeat(32)},b:only-for-development-0123456789abcdef`],
    ['IMAGE_KEYS', ['a', 'b', 'c'].map((id) => `${id}:${'k'.repeat(32)}`).join(',')],
    ['IMAGE_ORIGINS', 'https://media.shop.example/photos'],
    ['IMAGE_ORIGINS', 'ftp://media.shop.example'],
    ['IMAGE_PRIVATE_ORIGINS', 'ws://media.internal'],
    ['IMAGE_PROCESS', 'here'],
    ['IMAGE_CACHE_MB', '5'],
  ])('with pictures and a bad %s (%s) does not start', (name, value) => {
    expect(blamed({ ...production, ...imageProduction, [name]: value }, true)).toEqual([name]);
  });

  it('with a misspelt setting of ours does not start: the limit would silently be its default', () => {
    const misspelt = {
      RATE_LIMIT_VEIWER_POINTS: '5',
      JWT_AUDIENCES: 'shop',
      TRUSTED_PROXY: '10.0.0.0/8',
      OLDEST_CLIENT_VERSIONS: '4.2',
      DOCUMENTS_MODE: 'open',
      SERVICE_TOKENS: 'x',
      CACHE_MAX_FRESH: '5',
    };
    expect(blamed({ ...production, ...misspelt })).toEqual(Object.keys(misspelt));
  });

  it('may live beside variables of others, as an orchestrator sets them', () => {
    expect(
      problemsOf({
        ...production,
        REDIS_PORT: 'tcp://10.0.0.1:6379',
        USERS_SERVICE_HOST: '10.0.0.2',
        DOCUMENTS_SERVICE_PORT: '80',
        DOCUMENTS_PORT_80_TCP: 'tcp://10.0.0.3:80',
        NODE_TLS_REJECT_UNAUTHORIZED: '1',
        PATH: '/bin',
      }),
    ).toEqual([]);
  });

  it('may use plain HTTP on this machine, and no Redis where it says so', () => {
    expect(
      problemsOf({
        ...production,
        JWKS_URL: 'http://127.0.0.1:4100/jwks.json',
        REDIS_URL: 'none',
        RECOMMENDATIONS_URLS: 'http://recommendations',
      }),
    ).toEqual([]);
  });

  it('may name sentinels', () => {
    const url = 'redis+sentinel://:secret@s1:26379,s2:26379/leader/2';
    expect(loadConfig({ ...production, REDIS_URL: url }).redis.url).toBe(url);
  });

  it('may serve open documents where the setting says so', () => {
    expect(loadConfig({ ...production, DOCUMENTS: 'open' }).documents.mode).toBe('open');
  });
});

describe('everything that is wrong', () => {
  it('is named at once, without a single value', () => {
    const secret = 'hunter2';
    const env = {
      ...production,
      PORT: secret,
      SERVICE_TOKEN: secret,
      JWKS_URL: `https://me:${secret}@x`,
      REDIS_URL: secret,
      USERS_URLS: secret,
      LOG_LEVEL: secret,
      CORS_ORIGINS: secret,
      JWT_ALGORITHM: secret,
      JWT_SECRET: secret,
      CATALOG_URLS: undefined,
    };
    expect(blamed(env).toSorted()).toEqual(
      [
        'PORT',
        'SERVICE_TOKEN',
        'JWKS_URL',
        'REDIS_URL',
        'USERS_URLS',
        'LOG_LEVEL',
        'CORS_ORIGINS',
        'JWT_ALGORITHM',
        'JWT_SECRET',
        'CATALOG_URLS',
      ].toSorted(),
    );
    expect(() => loadConfig(env)).toThrow(expect.not.objectContaining({ message: expect.stringContaining(secret) }));
    expect(() => loadConfig(env)).toThrow(/^10 settings must be corrected:\n {2}- PORT: /);
  });

  it('is named at once where a service is to be found in a Redis that is not there', () => {
    const env = { ...production, REDIS_URL: undefined, CATALOG_URLS: undefined, ORDERS_URLS: 'nowhere' };
    expect(blamed(env).toSorted()).toEqual(['CATALOG_URLS', 'ORDERS_URLS', 'REDIS_URL']);
    expect(blamed({ ...env, NODE_ENV: 'development' }).toSorted()).toEqual(['ORDERS_URLS', 'REDIS_URL']);
    // Only where a service says so: any other variable may hold that word.
    expect(blamed({ ...env, RECOMMENDATIONS_URLS: 'http://r', KIND: 'registry' })).toContain('REDIS_URL');
  });

  it("is told of a misspelt environment, which does not get development's defaults", () => {
    expect(blamed({ NODE_ENV: 'prod' })).toEqual(expect.arrayContaining(['NODE_ENV', 'JWKS_URL', 'USERS_URLS']));
  });

  it('in an empty environment for production is everything that must be said', () => {
    expect(blamed({ NODE_ENV: 'production' }, true).toSorted()).toEqual(
      [...Object.keys(production), ...Object.keys(imageProduction)].filter((name) => name !== 'NODE_ENV').toSorted(),
    );
  });
});

describe('a secret', () => {
  it('may be in a file', () => {
    const folder = createTemporaryFolder({ token: `${serviceToken}\n` });
    const config = loadConfig({ ...production, SERVICE_TOKEN: undefined, SERVICE_TOKEN_FILE: join(folder, 'token') });
    expect(config.identity.serviceToken).toBe(serviceToken);
  });

  it('may not be in a file and in the environment', () => {
    const folder = createTemporaryFolder({ token: serviceToken });
    expect(blamed({ ...production, SERVICE_TOKEN_FILE: join(folder, 'token') })).toEqual(['SERVICE_TOKEN']);
  });

  it.each(['missing', '.'])('in a file that cannot be read (%s) is told, with no path', (name) => {
    const folder = createTemporaryFolder();
    const [problem = ''] = problemsOf({
      ...production,
      SERVICE_TOKEN: undefined,
      SERVICE_TOKEN_FILE: join(folder, name),
    });
    expect(problem).toContain('SERVICE_TOKEN_FILE');
    expect(problem).not.toContain(folder);
  });

  it('in an empty file is told', () => {
    const folder = createTemporaryFolder();
    writeFileSync(join(folder, 'token'), '\n');
    expect(blamed({ ...production, SERVICE_TOKEN: undefined, SERVICE_TOKEN_FILE: join(folder, 'token') })).toContain(
      'SERVICE_TOKEN_FILE',
    );
  });
});

describe('a configuration for development', () => {
  it('needs a service token only, and finds the demo shop', () => {
    const config = loadConfig({ SERVICE_TOKEN: serviceToken }, { port: 4002, adminPort: 4012, hasImages: true });
    expect(config).toMatchObject({
      environment: 'development',
      http: { port: 4002, adminPort: 4012, hasGraphiql: true },
      identity: { jwksUrl: 'http://127.0.0.1:4100/.well-known/jwks.json' },
      services: { catalog: { kind: 'urls', urls: ['http://127.0.0.1:4120', 'http://127.0.0.1:4121'] } },
      redis: { url: null },
      documents: { mode: 'open' },
      images: { isElsewhere: false, settings: { port: 4003, basePath: '/images' } },
    });
    expect(blamed({})).toEqual(['PORT', 'ADMIN_PORT', 'SERVICE_TOKEN']);
  });

  it("lets the environment's word stand before every default", () => {
    const config = loadConfig(
      { SERVICE_TOKEN: serviceToken, PORT: '5001', GRAPHIQL: 'false' },
      { port: 4001, adminPort: 4011 },
    );
    expect(config.http).toMatchObject({ port: 5001, hasGraphiql: false });
  });
});

describe('the configuration of an image process by itself', () => {
  const alone = { NODE_ENV: 'production', REDIS_URL: 'redis://redis:6379/0', ...imageProduction };

  it('needs nothing of services and tokens', () => {
    expect(loadImageConfig(alone).images.settings.keys).toEqual([{ id: '2026', secret: 'k'.repeat(32) }]);
    expect(() => loadImageConfig({ NODE_ENV: 'production' })).toThrow(ConfigError);
  });

  it('is held to a Redis also where the services of the same file are found in it', () => {
    const env = { ...alone, REDIS_URL: undefined, CATALOG_URLS: 'registry' };
    expect(() => loadImageConfig(env)).toThrow('REDIS_URL: is not set (needed, because CATALOG_URLS says registry)');
  });

  it.each([
    ['IMAGE_CACHE_GB', '1', 'is not a setting'],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0', 'must not be 0 in production'],
    ['REDIS_URL', undefined, 'is not set'],
  ])('is refused in production with %s=%s, as a server’s is', (name, value, words) => {
    expect(() => loadImageConfig({ ...alone, [name]: value })).toThrow(`${name}: ${words}`);
  });

  it('elsewhere must say where', () => {
    expect(
      blamed({ SERVICE_TOKEN: serviceToken, PORT: '1', ADMIN_PORT: '2', IMAGE_PROCESS: 'elsewhere' }, true),
    ).toEqual(['IMAGE_BASE_URL']);
  });
});
