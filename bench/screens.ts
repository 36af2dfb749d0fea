import { readFileSync } from 'node:fs';
import type { LoadRequest } from './load/connection.ts';
import { longOrderId } from './shop/long-orders.ts';
import type { RecordedViewer } from './shop/recorded.ts';

/** What is asked for: the phone's home, the web dashboard, or one order with this many lines. */
export type Screen = 'home' | 'dashboard' | `lines-${number}`;

/** How a server is asked: an endpoint's path, a document's text, or the id of a persisted one. */
export type AskForm = 'rest' | 'text' | 'persisted';

const schemaFolder = new URL('../schema/', import.meta.url);

const linesDocument = `query Lines($id: ID!) {
  order(id: $id) {
    id
    lines {
      name
      quantity
      unitPrice { amount currency formatted }
      product { id name price { amount currency formatted } }
    }
  }
}`;

/** The client whose server answers a screen. */
export function clientOf(screen: Screen): 'mobile' | 'web' {
  return screen === 'home' ? 'mobile' : 'web';
}

/** One viewer's request for a screen, in a server's form. */
export function requestFor(screen: Screen, form: AskForm, viewer: RecordedViewer): LoadRequest {
  const headers = [
    'accept',
    'application/json',
    'accept-encoding',
    'gzip, br',
    'authorization',
    viewer.authorization,
    'apollographql-client-name',
    clientOf(screen),
    'apollographql-client-version',
    '4.2.0',
    'user-agent',
    'shop/4.2.0',
  ];
  if (form === 'rest') return { method: 'GET', path: pathOf(screen), headers };
  headers.push('content-type', 'application/json');
  return { method: 'POST', path: '/graphql', headers, body: JSON.stringify(operationOf(screen, form)) };
}

/**
 * What the screen shows, without how it was asked.
 *
 * @throws Error - the answer has errors.
 */
export function dataOf(
  screen: Screen,
  by: { readonly form: AskForm; readonly label: string },
  answer: unknown,
): unknown {
  if (by.form === 'rest') return answer;
  const { data, errors } = answer as { data?: Record<string, unknown>; errors?: unknown[] };
  if (errors !== undefined)
    throw new Error(`${by.label} answered with errors: ${JSON.stringify(errors).slice(0, 500)}`);
  return data?.[isLines(screen) ? 'order' : screen];
}

function isLines(screen: Screen): boolean {
  return screen.startsWith('lines-');
}

function pathOf(screen: Screen): string {
  return isLines(screen) ? `/orders/${longOrderId(lineCountOf(screen))}` : `/${screen}`;
}

function lineCountOf(screen: Screen): number {
  return Number(screen.slice('lines-'.length));
}

function operationOf(screen: Screen, form: AskForm): object {
  if (isLines(screen)) return { query: linesDocument, variables: { id: longOrderId(lineCountOf(screen)) } };
  const client = clientOf(screen);
  // Said although the document has a default for it: Mercurius's JIT asks for it all the same.
  const variables = screen === 'dashboard' ? { period: 'LAST_12_MONTHS' } : {};
  if (form === 'text') {
    const query = readFileSync(new URL(`operations/${client}/${screen}.graphql`, schemaFolder), 'utf8');
    return { query, variables };
  }
  const manifest = readFileSync(new URL(`generated/${client}/persisted-documents.json`, schemaFolder), 'utf8');
  const { operations } = JSON.parse(manifest) as { operations: { id: string; name: string }[] };
  return { documentId: operations.find(({ name }) => name.toLowerCase() === screen)?.id, variables };
}
