import type { GraphqlMediaType } from './graphql-port.ts';
import { Refusal } from './refusal.ts';

const known = new Map<string, GraphqlMediaType | null>();
const maxKnown = 200;

/** The media type of the answer by `Accept`, GraphQL over HTTP §6.1: the first of the best ranges wins; null where neither of ours is asked for. */
export function acceptableMediaType(accept: string | undefined): GraphqlMediaType | null {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json')
    return 'application/json';
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

/** In the order in which a range that covers both stands for them. */
const offers: readonly GraphqlMediaType[] = ['application/json', 'application/graphql-response+json'];

/** How much a client wants one of ours: by the most specific range that covers it (RFC 9110 §12.5.1), and where that stands. */
interface Wish {
  readonly specificity: number;
  readonly quality: number;
  readonly position: number;
}

function negotiate(accept: string): GraphqlMediaType | null {
  const wishes = new Map<GraphqlMediaType, Wish>();
  for (const [position, range] of accept.toLowerCase().split(',').slice(0, 50).entries()) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice(8);
    if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) continue;
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    for (const offer of offers) {
      const specificity = ['*/*', 'application/*', offer].indexOf(type);
      if (specificity > (wishes.get(offer)?.specificity ?? -1)) wishes.set(offer, { specificity, quality, position });
    }
  }
  let best: GraphqlMediaType | null = null;
  for (const offer of offers) {
    const wish = wishes.get(offer);
    if (wish !== undefined && wish.quality > 0 && isBetter(wish, best === null ? undefined : wishes.get(best)))
      best = offer;
  }
  return best;
}

function isBetter(wish: Wish, best: Wish | undefined): boolean {
  if (best === undefined || wish.quality !== best.quality) return wish.quality > (best?.quality ?? 0);
  return wish.position < best.position;
}

/** Whether a browser is asking for a page. */
export function wantsHtml(accept: string | undefined): boolean {
  return accept !== undefined && /^text\/html|,\s*text\/html/i.test(accept) && !accept.includes('graphql-response');
}
