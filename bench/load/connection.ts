import { Client, type Dispatcher } from 'undici';

export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body?: string;
}

export interface LoadAnswer {
  readonly status: number;
  readonly bytes: number;
  /** Only where it was asked for. */
  readonly body: Buffer | null;
  readonly encoding: string;
}

/** One connection of a client: one request at a time. */
export interface Connection {
  /** @throws Error - the connection's failure. */
  send(request: LoadRequest, options?: { readonly keepsBody?: boolean }): Promise<LoadAnswer>;
  close(): void;
}

/** Opens a connection that is kept for as long as the server keeps it. */
export function createConnection(origin: string): Connection {
  // A server that hangs is what is measured: its client has patience.
  const client = new Client(origin, { pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  return {
    send(request, { keepsBody = false } = {}) {
      return new Promise((resolve, reject) => {
        const { method, path, headers, body = null } = request;
        const collector = new AnswerCollector(keepsBody, resolve, reject);
        client.dispatch({ method, path, headers: headers as string[], body }, collector);
      });
    },
    close: () => void client.destroy().catch(() => {}),
  };
}

class AnswerCollector implements Dispatcher.DispatchHandler {
  readonly #chunks: Buffer[] | null;
  readonly #resolve: (answer: LoadAnswer) => void;
  readonly #reject: (error: Error) => void;
  #status = 0;
  #bytes = 0;
  #encoding = '';

  constructor(keepsBody: boolean, resolve: (answer: LoadAnswer) => void, reject: (error: Error) => void) {
    this.#chunks = keepsBody ? [] : null;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {}

  onResponseStart(_controller: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.#status = status;
    this.#encoding = String(headers['content-encoding'] ?? '');
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#chunks?.push(chunk);
  }

  onResponseEnd(): void {
    const body = this.#chunks === null ? null : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, bytes: this.#bytes, body, encoding: this.#encoding });
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#reject(error);
  }
}
