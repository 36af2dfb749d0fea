import { startShop } from '../../demo/shop.ts';
import { loadConfig } from '../../shared/config/config.ts';
import type { Question } from './walk-through.ts';

/** What is asked of a copy of the tree, as this program gets it on its command line. */
export interface Inquiry {
  readonly question: Question;
  /** Settings for the services that the page adds: `REVIEWS_URLS`. */
  readonly env: Readonly<Record<string, string>>;
}

type StartServer = (
  config: ReturnType<typeof loadConfig>,
) => Promise<{ url: string; close(manner: 'now'): Promise<void> }>;

async function ask({ question, env }: Inquiry): Promise<string> {
  const shop = await startShop({
    seed: 1,
    now: new Date('2026-11-01T00:00:00.000Z'),
    instances: 1,
    ports: 'ephemeral',
  });
  const urls = Object.entries(shop.services).map(([name, list]) => [`${name.toUpperCase()}_URLS`, list.join(',')]);
  const config = loadConfig({
    NODE_ENV: 'test',
    PORT: '0',
    ADMIN_PORT: '0',
    LOG_LEVEL: 'silent',
    JWKS_URL: shop.jwksUrl,
    JWT_ISSUER: shop.issuer,
    JWT_AUDIENCE: shop.audience,
    SERVICE_TOKEN: await shop.serviceToken('bff'),
    ...Object.fromEntries(urls),
    ...env,
  });
  const exported = (await import(`../../bffs/${question.client}/server.ts`)) as Record<string, unknown>;
  const [, start] = Object.entries(exported).find(([name]) => /^start\w+Server$/.test(name)) ?? [];
  const server = await (start as StartServer)(config);
  const token = question.viewer === null ? {} : { authorization: `Bearer ${await shop.token(question.viewer)}` };
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...token },
    body: JSON.stringify({ query: question.query }),
  });
  const answer = await response.text();
  await server.close('now');
  await shop.close();
  return answer;
}

process.stdout.write(await ask(JSON.parse(process.argv[2] ?? '') as Inquiry));
process.exit(0);
