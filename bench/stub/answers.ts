import { answerKey, type Recording } from '../shop/recorded.ts';
import { toWire, type WireAnswer } from './wire.ts';

/** What one service answers to a path, out of the recording. */
export type FindAnswer = (service: string, target: string) => WireAnswer;

/** Answers that were put together from products; merged batches are hardly ever the same twice. */
const maxBatches = 5000;

export function createAnswers(recording: Recording): FindAnswer {
  const answers = new Map<string, WireAnswer>();
  for (const [key, { status, headers, body }] of Object.entries(recording.answers)) {
    answers.set(key, toWire(status, headers, body));
  }
  const batches = new Map<string, WireAnswer>();
  const unknown = toWire(404, ['content-type: application/problem+json'], '{"title":"Not recorded","status":404}');

  function batchOf(target: string): WireAnswer {
    const kept = batches.get(target);
    if (kept !== undefined) return kept;
    const ids = new URL(target, 'http://stub').searchParams.get('ids')?.split(',') ?? [];
    const found = ids.flatMap((id) => recording.products[id] ?? []);
    const answer = toWire(200, recording.productHeaders, `{"items":[${found.join(',')}]}`);
    if (batches.size >= maxBatches) batches.clear();
    batches.set(target, answer);
    return answer;
  }

  function productOf(target: string): WireAnswer {
    const product = recording.products[target.slice('/products/'.length)];
    return product === undefined ? unknown : toWire(200, recording.productHeaders, product);
  }

  // Looked up by the target as it came: only the first time it is taken apart.
  const byTarget = new Map<string, WireAnswer>();
  return (service, target) => {
    if (service === 'catalog' && target.startsWith('/products?')) return batchOf(target);
    if (service === 'catalog' && target.startsWith('/products/')) return productOf(target);
    const name = `${service} ${target}`;
    const known = byTarget.get(name);
    if (known !== undefined) return known;
    const answer = answers.get(answerKey(service, target));
    if (answer === undefined) return unknown;
    if (byTarget.size >= maxBatches) byTarget.clear();
    byTarget.set(name, answer);
    return answer;
  };
}
