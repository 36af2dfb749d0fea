import type { IncomingMessage } from 'node:http';
import type { Operation } from './operation.ts';
import { Problem, validationProblem } from './problem.ts';
import { findFaults, type Schemas } from './schema.ts';

const maxBytes = 100 * 1024;

/** Reads the whole body. @throws Problem 413 past 100 KiB */
export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new Problem(413, 'body-too-large', {
        detail: `A body may have at most ${maxBytes} bytes.`,
        headers: { connection: 'close' },
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * The body as the operation describes it.
 * @throws Problem 415 for another media type, 400 for text that is no JSON, 422 `validation`
 */
export function parseBody(
  bytes: Buffer,
  contentType: string | undefined,
  context: { operation: Operation; schemas: Schemas },
): unknown {
  const { operation, schemas } = context;
  if (!operation.body) return undefined;
  if (!/^application\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i.test(contentType ?? '')) {
    throw new Problem(415, 'unsupported-media-type', { detail: 'Send the body as application/json.' });
  }
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Problem(400, 'malformed-json', { detail: 'The body is not JSON in UTF-8.' });
  }
  const faults = findFaults(body, operation.body, { schemas });
  if (faults.length > 0) throw validationProblem(faults);
  return body;
}

/** The same value gives the same text, in whatever order its members came. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : member,
  );
}
