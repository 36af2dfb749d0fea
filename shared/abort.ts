export type AbortListener = (() => void) | { handleEvent(): void };

/** What of an `AbortSignal` is used here; a real one is one, too. */
export interface AbortSource {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: AbortListener): void;
  removeEventListener(type: 'abort', listener: AbortListener): void;
}

/**
 * An end that some wait for, with its reason. A request has a dozen of them and hands none to Node or a library, so it need not
 * be an `AbortController`: Node's costs about 1 KB and, with a listener put on and taken off, several microseconds.
 */
export class Abort implements AbortSource {
  aborted = false;
  reason: unknown = undefined;
  /** Few: those who wait for one thing. */
  readonly #listeners: AbortListener[] = [];

  /** Tells everybody who listens, once. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    // One at a time: whom a listener removes meanwhile is not told.
    for (let listener = this.#listeners.shift(); listener !== undefined; listener = this.#listeners.shift()) {
      if (typeof listener === 'function') listener();
      else listener.handleEvent();
    }
  }

  addEventListener(_type: 'abort', listener: AbortListener): void {
    if (!this.aborted && !this.#listeners.includes(listener)) this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: AbortListener): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }
}
