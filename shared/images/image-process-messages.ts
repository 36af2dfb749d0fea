import type { ImageEvent } from './image-event.ts';
import type { ImageSettings } from './image-settings.ts';

/** From the server that started the image process. */
export type ToImageProcess =
  /** With the socket that it accepts on. */
  | { readonly type: 'start'; readonly settings: ImageSettings }
  /** Answered by `pong`, by whose event loop turns. */
  | { readonly type: 'ping' }
  | { readonly type: 'stop' };

/** From the image process. */
export type FromImageProcess =
  | { readonly type: 'ready' }
  | { readonly type: 'pong' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'thumbhash'; readonly key: string; readonly thumbhash: string }
  | { readonly type: 'event'; readonly event: ImageEvent };
