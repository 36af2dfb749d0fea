import type { GraphqlMediaType } from './graphql-port.ts';
import { Refusal } from './refusal.ts';

const known = new Map<string, GraphqlMediaType | null>();
const maxKnown = 200;

/** The media type of the answer by `Accept`, GraphQL over HTTP §6.1: the first of the best ranges wins; null where neither of ours is asked for. */
export function acceptableMediaType(accept: string | undefined): GraphqlMediaType | null {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return 'application/json';
  const kept = known.get(accept);
  if (kept !== undefined) return kept;
  const chosen = negotiate(accept);
  // Clients send a handful of these; what a stranger makes up must not fill the memory.
  if (known.size < maxKnown && accept.length <= 256) known.set(accept, chosen);
  return chosen;
}

/** @throws Refusal - `NOT_ACCEPTABLE` where neither of our media types is asked for. */
export function chooseMediaType(accept: string | undefined): GraphqlMediaType {
  const mediaType = acceptableMediaType(accept);
  if (mediaType !== null) return mediaType;
  throw new Refusal('NOT_ACCEPTABLE', 'Answers are application/json or application/graphql-response+json: accept one.');
}

function negotiate(accept: string): GraphqlMediaType | null {
  let best: GraphqlMediaType | null = null;
  let bestQuality = 0;
  for (const range of accept.toLowerCase().split(',').slice(0, 50)) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const offered = offeredFor(type);
    if (offered === null) continue;
    const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice(8);
    if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) continue;
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    if (quality > bestQuality) {
      best = offered;
      bestQuality = quality;
    }
  }
  return best;
}

function offeredFor(range: string): GraphqlMediaType | null {
  switch (range) {
    case 'application/graphql-response+json':
      return range;
    case 'application/json':
    case 'application/*':
    case '*/*':
      return 'application/json';
    default:
      return null;
  }
}

/** Whether a browser is asking for a page. */
export function wantsHtml(accept: string | undefined): boolean {
  return accept !== undefined && /^text\/html|,\s*text\/html/i.test(accept) && !accept.includes('graphql-response');
}
