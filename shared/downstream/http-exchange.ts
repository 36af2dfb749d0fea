import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { AttemptResult } from './attempt-result.ts';
import { decodeBody, isEncoded, isJsonType, parseJson, UnreadableBody } from './body-decoder.ts';
import type { HttpMethod } from './endpoint.ts';
import type { FailureKind } from './failure.ts';
import { ListeningTimer, type ListeningTimerDeps } from './listening-timer.ts';
import { retryAfterMs } from './retry-after.ts';

export interface WireRequest {
  readonly method: HttpMethod;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: string | null;
  /** Statuses besides 2xx whose body is wanted as strictly as theirs. */
  readonly answers: readonly number[] | undefined;
  /** Once sent, nothing but its own timeout ends it: the service may be doing it already. */
  readonly isWrite: boolean;
  /** For a health check, where the status says it all. */
  readonly isBodyIgnored?: boolean;
}

export interface ExchangeSetting extends ListeningTimerDeps {
  readonly maxBodyBytes: number;
}

/** What a socket is destroyed with when an exchange ends early; made once, since nobody reads its stack. */
const endedEarly = new Error('The exchange has ended.');

/**
 * One attempt: one request to one instance and its whole answer, as undici's dispatch handler, so that an answer costs no
 * stream. It is its own result: once `onEnd` was called nothing in it changes any more. The one timer spans everything from
 * the connection to the last byte, since an idle timeout would let a body of one byte a second go on for days.
 */
export class HttpExchange implements Dispatcher.DispatchHandler, AttemptResult {
  failure: FailureKind | null = null;
  /** 0 where no answer came. */
  status = 0;
  /** The parsed JSON of an answer or of a refusal; undefined where it was empty. */
  body: unknown = undefined;
  /** Decoded. */
  bytes = 0;
  retryAfterMs: number | undefined = undefined;
  cause: unknown = undefined;
  /** Whether the request was handed to a connection, so that the service may have acted on it. */
  wasSent = false;
  /** From the start to the end, without the time that this process did not listen. */
  durationMs = 0;

  readonly #setting: ExchangeSetting;
  readonly #request: WireRequest;
  readonly #onEnd: (exchange: HttpExchange) => void;
  #timer: ListeningTimer | undefined = undefined;
  #controller: Dispatcher.DispatchController | null = null;
  #isEnded = false;
  #contentType: string | undefined = undefined;
  #contentEncoding: string | undefined = undefined;
  #firstChunk: Buffer | undefined = undefined;
  #furtherChunks: Buffer[] | undefined = undefined;
  #receivedBytes = 0;

  constructor(setting: ExchangeSetting, request: WireRequest, onEnd: (exchange: HttpExchange) => void) {
    this.#setting = setting;
    this.#request = request;
    this.#onEnd = onEnd;
  }

  /** Sends the request; `onEnd` is called once, possibly before this returns. */
  start(dispatcher: Pick<Dispatcher, 'dispatch'>, timeoutMs: number): void {
    this.#timer = new ListeningTimer(this.#setting, timeoutMs, () => this.#fail('timeout', undefined));
    const { method, path, headers, body } = this.#request;
    dispatcher.dispatch({ method, path, headers, body }, this);
  }

  /** Ends it from outside; what is already on the wire is reset. A write that was sent goes on. */
  interrupt(kind: 'deadline' | 'cancelled'): void {
    if (!(this.#request.isWrite && this.wasSent)) this.#fail(kind, undefined);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Ended while it waited for its connection: nothing has been written yet and nothing will be.
    if (this.#isEnded) {
      controller.abort(endedEarly);
      return;
    }
    this.#controller = controller;
    this.wasSent = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (this.#isEnded || status < 200) return;
    this.status = status;
    // A redirect could lead anywhere, an internal host included; a 304 answers a question that was not asked.
    if (status < 400 && status >= 300) {
      this.#failUnreadable('The answer is a redirect.');
      return;
    }
    this.#contentType = single(headers['content-type']);
    this.#contentEncoding = single(headers['content-encoding']);
    if (status === 429 || status === 503) {
      this.retryAfterMs = retryAfterMs(single(headers['retry-after']), this.#setting.clock.wallMs());
    }
    if (Number(headers['content-length']) > this.#setting.maxBodyBytes) this.#stopTooLarge();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isEnded) return;
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes > this.#setting.maxBodyBytes) this.#stopTooLarge();
    else if (this.#firstChunk === undefined) this.#firstChunk = chunk;
    else if (this.#furtherChunks === undefined) this.#furtherChunks = [chunk];
    else this.#furtherChunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#isEnded) return;
    const body = this.#wholeBody();
    if (!isEncoded(this.#contentEncoding) || body.length === 0) {
      this.#read(body);
      return;
    }
    decodeBody(body, this.#contentEncoding, {
      maxBytes: this.#setting.maxBodyBytes,
      done: (error, decoded) => {
        if (this.#isEnded) return;
        if (!error) this.#read(decoded);
        else if (this.#wantsBody()) this.#failUnreadable('The answer could not be decoded.');
        else this.#settle();
      },
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#fail(kindOf(error), error);
  }

  #wholeBody(): Buffer {
    if (this.#firstChunk === undefined) return Buffer.alloc(0);
    if (this.#furtherChunks === undefined) return this.#firstChunk;
    return Buffer.concat([this.#firstChunk, ...this.#furtherChunks], this.#receivedBytes);
  }

  /** A refusal's or a failure's body is only for the log: where it cannot be read it is left out. */
  #wantsBody(): boolean {
    if (this.#request.isBodyIgnored) return false;
    return this.status < 300 || this.#request.answers?.includes(this.status) === true;
  }

  #read(body: Buffer): void {
    this.bytes = body.length;
    if (body.length > 0) {
      try {
        if (!isJsonType(this.#contentType)) throw new UnreadableBody('The answer does not say that it is JSON.');
        this.body = parseJson(body);
      } catch (error) {
        if (this.#wantsBody()) {
          this.#fail('unreadable', error);
          return;
        }
      }
    }
    this.#settle();
  }

  #settle(): void {
    if (this.status >= 500) this.failure = 'server-error';
    else if (this.status === 429) this.failure = 'rate-limited';
    this.#end();
  }

  #stopTooLarge(): void {
    if (this.#wantsBody()) {
      this.#failUnreadable('The answer is too large.');
      return;
    }
    this.#settle();
    this.#controller?.abort(endedEarly);
  }

  #failUnreadable(why: string): void {
    this.#fail('unreadable', new UnreadableBody(why));
  }

  #fail(kind: FailureKind, cause: unknown): void {
    if (this.#isEnded) return;
    this.failure = kind;
    this.cause = cause;
    this.#end();
    this.#controller?.abort(endedEarly);
  }

  #end(): void {
    this.#isEnded = true;
    this.#firstChunk = undefined;
    this.#furtherChunks = undefined;
    if (this.#timer) {
      this.durationMs = this.#timer.listenedMs();
      this.#timer.stop();
    }
    this.#onEnd(this);
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** Undici's and Node's codes; anything that is not known to be a timeout or garbage is the network's. */
function kindOf(error: Error & { code?: unknown }): FailureKind {
  switch (error.code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
    case 'ETIMEDOUT':
      return 'timeout';
    // Our own mistake, such as a header that undici refuses to send; the service was never asked.
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
      return 'invalid';
    case 'UND_ERR_HEADERS_OVERFLOW':
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
      return 'unreadable';
    default:
      // A body in chunks that ends before its last one was cut off, as by an instance that is ended while it answers.
      if (error.name === 'HTTPParserError') return error.message.includes('EOF') ? 'network' : 'unreadable';
      return 'network';
  }
}
