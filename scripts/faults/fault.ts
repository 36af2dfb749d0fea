import type { Lab, StartOptions } from './lab.ts';

export type Value = string | number | boolean;

/** What a figure may be. */
export interface Bound {
  readonly kind: 'at most' | 'at least' | 'within' | 'about';
  readonly limit: number;
}

/** What one run of a fault came to: outcomes, counts, and wall-clock figures in milliseconds. */
export type Sighting = Readonly<Record<string, Value>>;

/**
 * The values that switch a mechanism off, laid over every server of the row; or, where no value does, what the row itself does in
 * its place, which it knows from `lab.isOff`: another client, another network, the naive way.
 */
export interface Switch {
  readonly name: string;
  readonly options: StartOptions;
}

/** The rule of the code that a row tries, which no value switches off. */
export interface Rule {
  readonly rule: string;
}

/** One row of the catalogue: a fault, what a client is promised to see of it, and how it is tried. */
export interface Fault {
  readonly id: string;
  readonly fault: string;
  /** What a client sees, and the figure. */
  readonly promise: string;
  /** What must be seen. */
  readonly expected: Readonly<Record<string, Value | Bound>>;
  /** What takes the mechanism away. */
  readonly off: Switch | Rule;
  /** Meets the fault once, from a server of its own. */
  meet(lab: Lab): Promise<Sighting>;
}
