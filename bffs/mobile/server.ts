import type { Config } from '../../shared/config/config.ts';
import { sharedResolvers } from '../../shared/domains/resolvers.ts';
import { type CompleteResolvers, mergeResolvers } from '../../shared/graphql/resolver-map.ts';
import { type ImageService, startImageService } from '../../shared/images/image-service.ts';
import { createImageReporter } from '../../shared/server/image-reporter.ts';
import { createRedisThumbhashes } from '../../shared/server/redis-thumbhashes.ts';
import {
  type ClosablePart,
  type OwnParts,
  type Runtime,
  type RuntimeOverrides,
  startRuntime,
} from '../../shared/server/runtime.ts';
import { MobileContext } from './context.ts';
import type { Resolvers, ResolversParentTypes } from './generated.ts';
import { mobileProfile } from './profile.ts';
import { homeResolvers } from './resolvers/home.ts';
import { imageResolvers } from './resolvers/images.ts';

const resolvers = mergeResolvers(sharedResolvers, { ...homeResolvers, ...imageResolvers }) satisfies CompleteResolvers<
  ResolversParentTypes,
  Resolvers<MobileContext>
>;

/** Starts the phone's server, and the process that makes its pictures. */
export async function startMobileServer(config: Config, overrides: RuntimeOverrides = {}): Promise<Runtime> {
  return startRuntime({
    config,
    profile: mobileProfile,
    resolvers,
    openParts: (parts) => openImages(config, parts),
    createContext: (shared, request, images) =>
      new MobileContext({ ...shared, imageUrls: images.urls, thumbhashes: images.thumbhashes }, request),
    ...overrides,
  });
}

async function openImages(
  { images }: Config,
  { logger, metrics, redis }: OwnParts,
): Promise<ImageService & ClosablePart> {
  if (images === null) throw new Error('The phone’s server needs the settings of its pictures.');
  const { onEvent, onServing, onExit, health } = createImageReporter(logger, metrics);
  const service = await startImageService({
    ...images,
    profile: mobileProfile.images,
    ...(redis ? { thumbhashes: createRedisThumbhashes(redis) } : {}),
    onEvent,
    onServing,
    onExit,
  });
  return { ...service, health: () => ({ images: health() }) };
}
