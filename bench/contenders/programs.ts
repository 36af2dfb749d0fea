import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { OursEnvironment } from '../ours/main.ts';
import type { PeerEnvironment } from '../peers/environment.ts';
import { pictureBaseUrl, pictureKey } from '../peers/picture-settings.ts';
import { clientOf, type Screen } from '../screens.ts';
import type { Recording } from '../shop/recorded.ts';
import type { StubAddresses } from '../stub/main.ts';
import type { OursPolicy } from './roster.ts';

/** A process to start, and where it is asked whether it is ready. */
export interface Program {
  readonly script: URL;
  /** Node's own. */
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly readyPath: string;
}

export interface ProgramDeps {
  readonly recording: Recording;
  readonly addresses: StubAddresses;
  readonly screen: Screen;
  readonly port: number;
  readonly adminPort: number;
}

const root = new URL('../../', import.meta.url);

/** Whether our servers run as they do in production: built, from `dist`. */
export function isBuilt(): boolean {
  return existsSync(new URL('dist/bffs/mobile/main.js', root));
}

/** One of `peers/`. */
export function peerProgram(folder: string, flavour: string, deps: ProgramDeps): Program {
  const { recording, addresses, screen, port } = deps;
  const environment: PeerEnvironment = {
    port,
    jwksUrl: addresses.jwksUrl,
    issuer: recording.issuer,
    audience: recording.audience,
    services: addresses.services,
    screen: clientOf(screen) === 'mobile' ? 'home' : 'dashboard',
    flavour,
  };
  return {
    script: new URL(`../peers/${folder}/main.ts`, import.meta.url),
    flags: [],
    env: { NODE_ENV: 'production', PEER: JSON.stringify(environment) },
    readyPath: '/',
  };
}

/** One of our servers: its own entry where nothing of its policy is changed. */
export function oursProgram(policy: OursPolicy, deps: ProgramDeps): Program {
  const client = clientOf(deps.screen);
  const extension = isBuilt() ? 'js' : 'ts';
  const tree = isBuilt() ? new URL('dist/', root) : root;
  const env = oursSettings(policy, deps);
  const flags = flagsOf(client);
  const readyPath = '/health/ready';
  if (policy.cache === 'production')
    return { script: new URL(`bffs/${client}/main.${extension}`, tree), flags, env, readyPath };
  const ours: OursEnvironment = {
    client,
    server: new URL(`bffs/${client}/server.${extension}`, tree).href,
    cache: { isCaching: false, isJoining: policy.cache === 'merged' },
    hasEdge: policy.hasEdge ?? true,
  };
  return {
    script: new URL('../ours/main.ts', import.meta.url),
    flags,
    env: { ...env, OURS: JSON.stringify(ours) },
    readyPath,
  };
}

/** Those that `npm run start:<client>` starts it with. */
function flagsOf(client: string): string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  return String(scripts[`start:${client}`]).match(/--\S+/g) ?? [];
}

/** Production's, with rate limits and load shedding out of the way: the bench is one caller who asks for all there is. */
function oursSettings({ documents, redisUrl = 'none' }: OursPolicy, deps: ProgramDeps): Record<string, string> {
  const { recording, addresses, port, adminPort } = deps;
  const urls = Object.entries(addresses.services).map(([name, url]) => [`${name.toUpperCase()}_URLS`, url] as const);
  return {
    NODE_ENV: 'production',
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    JWKS_URL: addresses.jwksUrl,
    JWT_ISSUER: recording.issuer,
    JWT_AUDIENCE: recording.audience,
    SERVICE_TOKEN: recording.serviceToken,
    REDIS_URL: redisUrl,
    RATE_LIMIT_VIEWER_POINTS: '1000000000',
    RATE_LIMIT_ADDRESS_POINTS: '1000000000',
    SHED_UTILISATION_PERCENT: '100',
    SHED_EVENT_LOOP_DELAY_MS: '60000',
    IMAGE_PROCESS: 'elsewhere',
    IMAGE_BASE_URL: pictureBaseUrl,
    IMAGE_PRIVATE_ORIGINS: pictureBaseUrl,
    IMAGE_ORIGINS: pictureBaseUrl,
    IMAGE_CACHE_DIR: tmpdir(),
    IMAGE_KEYS: `${pictureKey.id}:${pictureKey.secret}`,
    ...(documents === undefined ? {} : { DOCUMENTS: documents }),
    ...Object.fromEntries(urls),
  };
}
