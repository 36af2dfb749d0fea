import { RequestContext, type RequestParts, type SharedParts } from '../../shared/domains/context.ts';
import { createLoader } from '../../shared/graphql/batching.ts';
import type { ImageUrls } from '../../shared/images/image-urls.ts';
import type { ThumbhashStore } from '../../shared/images/thumbhash-store.ts';

/** What the phone's own resolvers need beside the shared parts. */
export interface MobileParts extends SharedParts {
  readonly imageUrls: ImageUrls;
  readonly thumbhashes: Pick<ThumbhashStore, 'getMany'>;
}

export class MobileContext extends RequestContext {
  readonly imageUrls: ImageUrls;
  readonly #thumbhashes: Pick<ThumbhashStore, 'getMany'>;
  #placeholders: ReturnType<typeof createPlaceholderLoader> | undefined;

  constructor(parts: MobileParts, request: RequestParts) {
    super(parts, request);
    this.imageUrls = parts.imageUrls;
    this.#thumbhashes = parts.thumbhashes;
  }

  /** The thumbhashes of this answer's pictures, in one look-up. */
  get placeholders() {
    this.#placeholders ??= createPlaceholderLoader(this.#thumbhashes, () => this.refuseReuse());
    return this.#placeholders;
  }
}

/** `onMissing`: a picture was not decoded yet, and will have a placeholder as soon as it is. */
function createPlaceholderLoader(thumbhashes: Pick<ThumbhashStore, 'getMany'>, onMissing: () => void) {
  return createLoader(
    async (keys: readonly string[]) => {
      const found = await thumbhashes.getMany(keys);
      if (found.includes(null)) onMissing();
      return found;
    },
    (key) => [key],
  );
}
