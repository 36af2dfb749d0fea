import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { HttpAnswer } from './answer.ts';

export interface GraphiqlOptions {
  /** The page's title, so that two servers' tabs can be told apart. */
  readonly title: string;
  /** The document that a first visit finds in the editor. */
  readonly defaultQuery?: string;
}

/** The query editor for a browser: its page and all that the page loads come from here, nothing from another host. */
export interface Graphiql {
  page(): HttpAnswer;
  /** An asset of the page by its file name; null for any other. */
  asset(name: string): Promise<HttpAnswer | null>;
}

/** GraphiQL 4 and React 18 are the last with a bundle that a browser loads as it is; later ones would need a build step here. */
const assets: Readonly<Record<string, { readonly package: string; readonly path: string; readonly type: string }>> = {
  'react.js': { package: 'react', path: 'umd/react.production.min.js', type: 'text/javascript' },
  'react-dom.js': { package: 'react-dom', path: 'umd/react-dom.production.min.js', type: 'text/javascript' },
  'graphiql.js': { package: 'graphiql', path: 'graphiql.min.js', type: 'text/javascript' },
  'graphiql.css': { package: 'graphiql', path: 'graphiql.min.css', type: 'text/css' },
};

/** Scripts from here only; GraphiQL's editor sets styles inline and brings its fonts as data. */
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves GraphiQL from the installed packages; `findPackage` names the folder of one. */
export function createGraphiql(options: GraphiqlOptions, findPackage: (name: string) => string = locate): Graphiql {
  const page = isInstalled(findPackage) ? renderPage(options.title) : renderMissing(options.title);
  const start = renderStart(options);
  const files = new Map<string, Promise<Buffer>>();

  return {
    page: () => ({
      status: 200,
      headers: [
        'content-type',
        'text/html; charset=utf-8',
        'cache-control',
        'no-store',
        'content-security-policy',
        pagePolicy,
      ],
      body: page,
      isPage: true,
    }),
    async asset(name) {
      if (name === 'start.js') return file('text/javascript', start, 'no-store');
      const asset = Object.hasOwn(assets, name) ? assets[name] : undefined;
      if (asset === undefined) return null;
      let bytes = files.get(name);
      if (bytes === undefined) {
        bytes = readFile(join(findPackage(asset.package), asset.path));
        files.set(name, bytes);
      }
      return file(asset.type, await bytes, 'public, max-age=3600');
    },
  };
}

/** Not after `npm ci --omit=dev`: nobody needs an editor in production. */
function isInstalled(findPackage: (name: string) => string): boolean {
  try {
    for (const asset of Object.values(assets)) findPackage(asset.package);
    return true;
  } catch {
    return false;
  }
}

function locate(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}

function file(type: string, body: string | Buffer, cacheControl: string): HttpAnswer {
  return { status: 200, headers: ['content-type', `${type}; charset=utf-8`, 'cache-control', cacheControl], body };
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function renderMissing(title: string): string {
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>${escapeText(title)}</title><link rel="icon" href="data:,"></head>
  <body>GraphiQL is not installed: run <code>npm ci</code> without <code>--omit=dev</code>, or set NODE_ENV=production, which has no editor.</body>
</html>
`;
}

function renderPage(title: string): string {
  const safeTitle = escapeText(title);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${safeTitle}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/graphiql/graphiql.css">
    <style>body { margin: 0 } #graphiql { height: 100dvh }</style>
  </head>
  <body>
    <div id="graphiql">Loading...</div>
    <script src="/graphiql/react.js"></script>
    <script src="/graphiql/react-dom.js"></script>
    <script src="/graphiql/graphiql.js"></script>
    <script src="/graphiql/start.js"></script>
  </body>
</html>
`;
}

function renderStart(options: GraphiqlOptions): string {
  const props = {
    defaultQuery: options.defaultQuery,
    shouldPersistHeaders: true,
  };
  return `ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, { ...${JSON.stringify(props)}, fetcher: GraphiQL.createFetcher({ url: '/graphql' }) }),
);
`;
}
