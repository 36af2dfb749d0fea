import { AppError } from '../../../shared/errors.ts';
import type { OriginalPicture, PictureRequest, ShapedPicture } from '../../../shared/images/image-urls.ts';
import type { MobileContext } from '../context.ts';
import type { ImageFit, ImageFormat, Resolvers } from '../generated.ts';
import type { ImageModel } from './images-model.ts';

const fits = { COVER: 'cover', CONTAIN: 'contain', INSIDE: 'inside', ATTENTION: 'attention' } as const satisfies Record<
  ImageFit,
  string
>;

const formats = { AUTO: 'auto', AVIF: 'avif', WEBP: 'webp', JPEG: 'jpeg', PNG: 'png' } as const satisfies Record<
  ImageFormat,
  string
>;

/** Pictures, shaped for the phone when the answer is. */
export const imageResolvers = {
  Product: {
    image: ({ images }, { size, width, fit, format, dataSaver }, context): ImageModel | null => {
      if (images instanceof Error) throw images;
      if (width != null && width < 1) throw new AppError('BAD_USER_INPUT', '`width` must be 1 or more.');
      const [picture] = images;
      if (!picture) return null;
      const request = {
        size: size ?? 'CARD',
        width: width ?? null,
        fit: fits[fit ?? 'INSIDE'],
        format: formats[format ?? 'AUTO'],
        isDataSaver: dataSaver ?? false,
      };
      return { ...shape(context, picture, request), alt: picture.alt };
    },
  },

  Viewer: {
    avatar: ({ avatar, name }, { size }, context): ImageModel | null => {
      if (avatar === null) return null;
      if (avatar instanceof Error) throw avatar;
      // The users service gives a new address with every new picture, so the address is the version.
      const picture = { ...avatar, version: 'avatar' };
      return { ...shape(context, picture, { size: size ?? 'THUMB', fit: 'cover' }), alt: name };
    },
  },

  Image: {
    placeholder: ({ placeholderKey }, _args, context) => context.placeholders.load(placeholderKey),
  },
} satisfies Resolvers<MobileContext>;

/** @throws AppError - why something could not be read that the address is made of. */
function shape(context: MobileContext, picture: OriginalPicture, request: PictureRequest): ShapedPicture {
  const { url, width, height, version } = picture;
  for (const read of [picture, url, width, height, version]) if (read instanceof Error) throw read;
  return context.imageUrls.shape(picture, request);
}
