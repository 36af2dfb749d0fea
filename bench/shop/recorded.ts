/** One answer of a service as it came, without what belongs to the connection. */
export interface RecordedAnswer {
  readonly status: number;
  /** `name: value` lines. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** Somebody with a token and screens of their own. */
export interface RecordedViewer {
  readonly id: string;
  readonly authorization: string;
}

/** All that the services answer while the bench runs; the stub gives it out again. */
export interface Recording {
  readonly viewers: readonly RecordedViewer[];
  /** By `answerKey`. */
  readonly answers: Readonly<Record<string, RecordedAnswer>>;
  /** One JSON object each, to put batches together from. */
  readonly products: Readonly<Record<string, string>>;
  readonly productHeaders: readonly string[];
  readonly jwks: string;
  readonly issuer: string;
  readonly audience: string;
  readonly serviceToken: string;
}

/** What an answer is kept under: the path with the parameters that tell one answer from another. */
export function answerKey(service: string, path: string): string {
  const url = new URL(path, 'http://stub');
  const telling = ['userId', 'limit', 'ids'].map((name) => url.searchParams.get(name) ?? '').join(' ');
  return `${service} ${url.pathname} ${telling}`;
}
