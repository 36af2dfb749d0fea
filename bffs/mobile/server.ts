import type { Config } from '../../shared/config/config.ts';
import { sharedResolvers } from '../../shared/domains/resolvers.ts';
import { type CompleteResolvers, mergeResolvers } from '../../shared/graphql/resolver-map.ts';
import { createImageUrls } from '../../shared/images/image-urls.ts';
import { createImageSigner } from '../../shared/images/signed-url.ts';
import { type Runtime, startRuntime } from '../../shared/server/runtime.ts';
import { MobileContext } from './context.ts';
import type { Resolvers, ResolversParentTypes } from './generated.ts';
import { mobileProfile } from './profile.ts';
import { homeResolvers } from './resolvers/home.ts';
import { imageResolvers } from './resolvers/images.ts';

const resolvers = mergeResolvers(sharedResolvers, { ...homeResolvers, ...imageResolvers }) satisfies CompleteResolvers<
  ResolversParentTypes,
  Resolvers<MobileContext>
>;

/** Starts the phone's server. */
export function startMobileServer(config: Config): Promise<Runtime> {
  const signer = createImageSigner({
    keys: [{ id: 'dev', secret: 'only-for-development-0123456789abcdef' }],
    baseUrl: 'http://localhost:4003',
    basePath: '/images',
  });
  const imageUrls = createImageUrls({ signer, profile: mobileProfile.images });
  const thumbhashes = { getMany: async (keys: readonly string[]) => keys.map(() => null), set: async () => {} };
  return startRuntime({
    config,
    profile: mobileProfile,
    resolvers,
    createContext: (shared, request) => new MobileContext({ ...shared, imageUrls, thumbhashes }, request),
  });
}
