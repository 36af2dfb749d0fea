import type { Lab, StartOptions } from './lab.ts';

export type Value = string | number | boolean;

/** What a figure may be. */
export interface Bound {
  readonly kind: 'at most' | 'at least' | 'within' | 'about';
  readonly limit: number;
}

/** What one run of a fault came to: outcomes, counts, and wall-clock figures in milliseconds. */
export type Sighting = Readonly<Record<string, Value>>;

/** One row of the catalogue: a fault, what a client is promised to see of it, and how it is tried. */
export interface Fault {
  readonly id: string;
  readonly fault: string;
  /** What a client sees, and the figure. */
  readonly promise: string;
  /** What must be seen. */
  readonly expected: Readonly<Record<string, Value | Bound>>;
  /** The value that switches the mechanism off; null where it is a rule of the code that nothing switches off. */
  readonly off: { readonly name: string; readonly options: StartOptions } | null;
  /** Meets the fault once, from a server of its own. */
  meet(lab: Lab): Promise<Sighting>;
}
