import { join } from 'node:path';
import type { ImageProfile } from '../profile.ts';
import { type ImageEvent, problemEvent } from './image-event.ts';
import { type ImageProcess, startImageProcess, type UnexpectedExit } from './image-process.ts';
import type { ImageSettings } from './image-settings.ts';
import { createImageUrls, type ImageUrls } from './image-urls.ts';
import { createImageSigner } from './signed-url.ts';
import { createThumbhashLog, type ThumbhashLog } from './thumbhash-log.ts';
import type { ThumbhashStore } from './thumbhash-store.ts';

/** What resolvers need of images. */
export interface ImageService {
  readonly urls: ImageUrls;
  readonly thumbhashes: Pick<ThumbhashStore, 'getMany'>;
  /** Where the image process listens; null where it runs elsewhere. */
  readonly port: number | null;
  /** Ends the image process within `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

export interface ImageServiceOptions {
  /** Without `widths`: those of the profile are served. */
  readonly settings: Omit<ImageSettings, 'widths'>;
  readonly profile: ImageProfile;
  /** Where phones reach images: a CDN, an ingress. By default the image process itself, on this machine. */
  readonly baseUrl?: string | undefined;
  /** Whether pictures are made by `npm run start:images` instead of a child of this process; then `baseUrl` must be given. */
  readonly isElsewhere?: boolean;
  /** A store that several machines share; a file in the cache folder by default, which the processes of one machine share. */
  readonly thumbhashes?: ThumbhashStore | undefined;
  readonly onEvent?: (event: ImageEvent) => void;
  readonly onServing?: () => void;
  readonly onExit?: (exit: UnexpectedExit) => void;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts all that a server needs to hand out images: the image process, the signer of their URLs and the store of their
 * placeholders.
 *
 * @throws TypeError, Error - settings that cannot work; see `startImageProcess`.
 */
export async function startImageService(options: ImageServiceOptions): Promise<ImageService> {
  const { profile, onEvent = () => {}, onServing = () => {}, onExit = () => {}, env = {} } = options;
  const settings = { ...options.settings, widths: profile.widths };
  if (options.isElsewhere === true && options.baseUrl === undefined) {
    throw new TypeError('image base URL: must be given where the image process runs elsewhere');
  }
  const { thumbhashes, closeThumbhashes } = openThumbhashes(options);
  let images: ImageProcess | null = null;
  try {
    if (options.isElsewhere !== true) {
      images = await startImageProcess(settings, { thumbhashes, onEvent, onServing, onExit, env });
    }
    const signer = createImageSigner({
      keys: settings.keys,
      basePath: settings.basePath,
      baseUrl: options.baseUrl ?? `http://localhost:${images?.port}`,
    });
    return {
      urls: createImageUrls({ signer, profile }),
      thumbhashes,
      port: images?.port ?? null,
      async close(graceMs) {
        await images?.stop(graceMs);
        await closeThumbhashes();
      },
    };
  } catch (error) {
    await images?.stop(0);
    await closeThumbhashes();
    throw error;
  }
}

function openThumbhashes({ thumbhashes, settings, onEvent = () => {} }: ImageServiceOptions) {
  if (thumbhashes !== undefined) return { thumbhashes, closeThumbhashes: async () => {} };
  const log = openThumbhashLog(settings.cacheDirectory, onEvent);
  return { thumbhashes: log, closeThumbhashes: () => log.close() };
}

/** The store of thumbhashes in the folder of the image cache. */
export function openThumbhashLog(cacheDirectory: string, onEvent: (event: ImageEvent) => void): ThumbhashLog {
  return createThumbhashLog({
    path: join(cacheDirectory, 'thumbhashes.log'),
    onProblem: (message, cause) => onEvent(problemEvent(message, cause)),
  });
}
