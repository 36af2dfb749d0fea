export interface ProblemDetail {
  /** For a developer's eyes. */
  detail: string;
  /** Members of the body of their own. */
  extras?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** An answer that is a failure (RFC 9457); thrown by routes, written as `application/problem+json`. */
export class Problem extends Error {
  readonly status: number;
  readonly slug: string;
  readonly extras: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(status: number, slug: string, about: ProblemDetail) {
    super(about.detail);
    this.name = 'Problem';
    this.status = status;
    this.slug = slug;
    this.extras = about.extras ?? {};
    this.headers = about.headers ?? {};
  }
}

export interface FieldError {
  field: string;
  message: string;
}

const titles: Record<number, string> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Not valid',
  429: 'Too many requests',
  500: 'Internal error',
  502: 'Bad gateway',
  503: 'Unavailable',
  504: 'Timed out',
};

/** The body of a problem, as RFC 9457 has it. */
export function problemBody(problem: Problem): Record<string, unknown> {
  return {
    type: `https://shop.example/problems/${problem.slug}`,
    title: titles[problem.status] ?? 'Failed',
    status: problem.status,
    detail: problem.message,
    ...problem.extras,
  };
}

/** 422 with one entry for each field that is not as it should be. */
export function validationProblem(errors: readonly FieldError[]): Problem {
  const first = errors[0];
  const detail = first ? `${first.field}: ${first.message}` : 'The request is not valid.';
  return new Problem(422, 'validation', { detail, extras: { errors } });
}

/** 404 that does not say whether such a thing exists for somebody else. */
export function notFound(what: string): Problem {
  return new Problem(404, 'not-found', { detail: `There is no such ${what}.` });
}
