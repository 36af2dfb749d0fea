/** An answer as it goes out on any route; header names and values alternate. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string | Buffer | AsyncIterable<string> | null;
  /** A page brings its own content policy; all else is data in which nothing may run. */
  readonly isPage?: boolean;
}

/** An answer of JSON that nobody may keep: health, errors, the admin's tables. */
export function jsonAnswer(status: number, body: unknown): HttpAnswer {
  return {
    status,
    headers: ['content-type', 'application/json; charset=utf-8', 'cache-control', 'no-store'],
    body: JSON.stringify(body),
  };
}

/** Text for people and tools: the SDL, the metrics. */
export function textAnswer(body: string, type = 'text/plain; charset=utf-8'): HttpAnswer {
  return { status: 200, headers: ['content-type', type, 'cache-control', 'no-cache'], body };
}
