import { loadConfig } from '../../shared/config/config.ts';
import { askGraphql, startStack } from '../support/stack.ts';
import type { Question } from './walk-through.ts';

/** What is asked of a copy of the tree, as this program gets it on its command line. */
export interface Inquiry {
  readonly question: Question;
  /** Settings for the services that the page adds: `REVIEWS_URLS`. */
  readonly env: Readonly<Record<string, string>>;
}

type StartServer = (
  config: ReturnType<typeof loadConfig>,
) => Promise<{ readonly url: string; close(manner: 'now'): Promise<void> }>;

/** Starts the demo shop and the server of this copy that is asked, which may be one that the page has just made. */
async function ask({ question, env }: Inquiry): Promise<string> {
  const stack = await startStack({ env });
  const exported = (await import(`../../bffs/${question.client}/server.ts`)) as Record<string, unknown>;
  const [, start] = Object.entries(exported).find(([name]) => /^start\w+Server$/.test(name)) ?? [];
  const server = await (start as StartServer)(loadConfig(stack.env, { hasImages: true }));
  const token = question.viewer === null ? {} : { token: await stack.shop.token(question.viewer) };
  const { body } = await askGraphql(`${server.url}/graphql`, question.query, token);
  await server.close('now');
  await stack.close();
  return JSON.stringify(body);
}

process.stdout.write(await ask(JSON.parse(process.argv[2] ?? '') as Inquiry));
process.exit(0);
