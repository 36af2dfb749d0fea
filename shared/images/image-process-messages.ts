import type { ImageEvent } from './image-event.ts';
import type { ImageSettings } from './image-settings.ts';

/** From the server that started the image process. */
export type ToImageProcess =
  | { readonly type: 'start'; readonly settings: ImageSettings }
  /** With the socket to accept on; the answer to `prepared`. */
  | { readonly type: 'listen' }
  /** Answered by `pong`, by whose event loop turns. */
  | { readonly type: 'ping' }
  | { readonly type: 'stop' };

/** From the image process. */
export type FromImageProcess =
  /** It could accept, and asks for the socket. */
  | { readonly type: 'prepared' }
  | { readonly type: 'ready' }
  | { readonly type: 'pong' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'thumbhash'; readonly key: string; readonly thumbhash: string }
  | { readonly type: 'event'; readonly event: ImageEvent };
