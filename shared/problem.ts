/** What our own code needs of a service's problem body (RFC 9457). */
export interface Problem {
  /** The last segment of its `type`: `out-of-stock`. */
  readonly slug: string;
  /** The first refused field, where the problem lists them. */
  readonly field: string | null;
  /** What is wrong with that field, in the service's words. */
  readonly message: string | null;
  /** The body itself, for the problem's own members. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** Reads a problem body; whatever is missing or of another type is empty. */
export function readProblem(body: unknown): Problem {
  const members = isRecord(body) ? body : {};
  const type = typeof members['type'] === 'string' ? members['type'] : '';
  const errors = Array.isArray(members['errors']) ? members['errors'] : [];
  const first: unknown = errors[0];
  const { field, message } = isRecord(first) ? first : {};
  return {
    slug: type.slice(type.lastIndexOf('/') + 1),
    field: typeof field === 'string' ? field : null,
    message: typeof message === 'string' ? message : null,
    members,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
