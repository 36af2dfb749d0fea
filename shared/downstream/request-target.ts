import { AppError } from '../errors.ts';
import type { Endpoint, EndpointCall } from './endpoint.ts';

/** What of an endpoint is worked out once instead of at each call. */
export interface RequestTarget {
  /** Whether it may have an effect, as everything but a GET and a declared read: once sent, it runs to its own end. */
  readonly isWrite: boolean;
  /** The path and query of one call. @throws AppError `BAD_USER_INPUT` for a value that cannot stand where it is asked to. */
  pathOf(call: EndpointCall): string;
}

const targets = new WeakMap<Endpoint, RequestTarget>();

/** The target of an endpoint; endpoints are constants, so each is compiled once. */
export function requestTargetOf(endpoint: Endpoint): RequestTarget {
  let target = targets.get(endpoint);
  if (!target) {
    target = compile(endpoint);
    targets.set(endpoint, target);
  }
  return target;
}

function compile(endpoint: Endpoint): RequestTarget {
  const literals: string[] = [];
  const names: string[] = [];
  let from = 0;
  for (const match of endpoint.route.matchAll(/\{([^{}]+)\}/g)) {
    literals.push(endpoint.route.slice(from, match.index));
    names.push(match[1] ?? '');
    from = match.index + match[0].length;
  }
  const tail = endpoint.route.slice(from);
  const declared = endpoint.query ?? [];

  return {
    isWrite: endpoint.method !== 'GET' && endpoint.isRead !== true,
    pathOf(call) {
      let path = '';
      for (let i = 0; i < names.length; i++) path += literals[i] + segmentOf(names[i] ?? '', call);
      path += tail;
      return call.query ? path + queryOf(call.query, declared, endpoint.route) : path;
    },
  };
}

function segmentOf(name: string, call: EndpointCall): string {
  const value = call.params?.[name];
  if (value === undefined) throw new TypeError(`The parameter "${name}" is missing from a call.`);
  // A server that normalises paths would walk up on dots, and an empty segment is another route.
  if (value === '' || value === '.' || value === '..') throw badValue(name);
  return encode(name, value);
}

function queryOf(query: NonNullable<EndpointCall['query']>, declared: readonly string[], route: string): string {
  let text = '';
  for (const name in query) {
    const value = query[name];
    if (value === undefined) continue;
    if (!declared.includes(name)) throw new TypeError(`${route} declares no query parameter "${name}".`);
    text += `${text === '' ? '?' : '&'}${encodeURIComponent(name)}=${valueOf(name, value)}`;
  }
  return text;
}

function valueOf(name: string, value: string | number | boolean | readonly string[]): string {
  if (typeof value === 'string') return encode(name, value);
  if (typeof value !== 'object') return String(value);
  let text = '';
  for (let i = 0; i < value.length; i++) {
    const entry = value[i] ?? '';
    // The far side splits at commas after decoding: an id with a comma would ask for two others.
    if (entry.includes(',')) throw badValue(name);
    text += i === 0 ? encode(name, entry) : `,${encode(name, entry)}`;
  }
  return text;
}

/** What needs no encoding: nearly every id, and a hundred of them in a batch. */
const plain = /^[\w.~-]*$/;

function encode(name: string, value: string): string {
  if (plain.test(value)) return value;
  // Half of a surrogate pair has no encoding; encodeURIComponent would throw a URIError.
  if (!value.isWellFormed()) throw badValue(name);
  return encodeURIComponent(value);
}

function badValue(name: string): AppError {
  return new AppError('BAD_USER_INPUT', `The value given for "${name}" is not valid.`);
}
