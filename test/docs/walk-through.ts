import { readBlocks } from './blocks.ts';

/** A file that a walk-through makes or changes. */
export interface Edit {
  readonly path: string;
  readonly kind: 'create' | 'diff';
  readonly text: string;
}

/** A route of a service that the page adds, and what it answers. */
export interface StubRoute {
  readonly service: string;
  /** Path without its query. */
  readonly route: string;
  readonly body: unknown;
}

export interface Question {
  /** Whose server is asked: the folder in `bffs/`. */
  readonly client: string;
  /** As whom; null without a token. */
  readonly viewer: string | null;
  readonly query: string;
}

/** One walk-through of a page, as its code blocks say it. */
export interface WalkThrough {
  readonly title: string;
  readonly edits: readonly Edit[];
  /** The paths that the page itself lists after the line `Touched files:`. */
  readonly touchedFiles: readonly string[];
  readonly stubs: readonly StubRoute[];
  readonly question: Question | null;
  /** The answer's `data`, as the page shows it. */
  readonly answer: unknown;
}

/**
 * Reads the walk-throughs of a page: one for each `## ` section that has a code block with an address. The blocks that count:
 *
 * - `ts file=shared/x.ts` (any language): a new file;
 * - `diff file=shared/y.ts`: a change, see `applyDiff`;
 * - `json service=reviews route=/reviews`: what that route of a new service answers;
 * - `graphql client=web viewer=user-1`: the query that is asked at the end;
 * - `json answer=data`: what comes back.
 */
export function readWalkThroughs(page: string): WalkThrough[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map(readSection)
    .filter(({ edits }) => edits.length > 0);
}

function readSection(section: string): WalkThrough {
  const blocks = readBlocks(section);
  const asked = blocks.find(({ language, attributes }) => language === 'graphql' && attributes['client'] !== undefined);
  const answer = blocks.find(({ attributes }) => attributes['answer'] !== undefined);
  return {
    title: section.split('\n', 1)[0] ?? '',
    edits: blocks.flatMap(({ language, attributes: { file }, text }) =>
      file === undefined
        ? []
        : [{ path: file, kind: language === 'diff' ? ('diff' as const) : ('create' as const), text }],
    ),
    touchedFiles: readTouchedFiles(section),
    stubs: blocks.flatMap(({ attributes: { service, route }, text }) =>
      service === undefined || route === undefined ? [] : [{ service, route, body: JSON.parse(text) as unknown }],
    ),
    question:
      asked === undefined
        ? null
        : {
            client: asked.attributes['client'] ?? '',
            viewer: asked.attributes['viewer'] ?? null,
            query: asked.text,
          },
    answer: answer === undefined ? undefined : (JSON.parse(answer.text) as unknown),
  };
}

/** The items of the list that follows `Touched files:`; each starts with a path in backticks. */
function readTouchedFiles(section: string): string[] {
  const list = /^Touched files:\n+((?:[-*] .*\n?|[ \t]+\S.*\n?)+)/m.exec(section)?.[1] ?? '';
  return [...list.matchAll(/^[-*] `([^`]+)`/gm)].map(([, path = '']) => path);
}
