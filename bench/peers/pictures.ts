import { createImageUrls } from '../../shared/images/image-urls.ts';
import { createImageSigner } from '../../shared/images/signed-url.ts';
import { pictureBaseUrl, pictureKey } from './picture-settings.ts';
import type { WireProduct, WireUser } from './wire.ts';

const signer = createImageSigner({ keys: [pictureKey], baseUrl: pictureBaseUrl, basePath: '/images' });
// As the phone's profile has them; the check of equal answers fails where they differ.
const urls = createImageUrls({
  signer,
  profile: {
    widths: [96, 160, 240, 320, 480, 640, 828, 1080, 1280, 1600],
    sizes: { THUMB: 80, CARD: 160, FULL: 390 },
  },
});

/** The phone's picture of a product, signed by the same function as ours. */
export function cardPicture({ images }: WireProduct) {
  const [picture] = images;
  return picture === undefined
    ? null
    : urls.shape(picture, { size: 'CARD', width: null, fit: 'inside', format: 'auto', isDataSaver: false });
}

/** The phone's picture of a person. */
export function thumbPicture({ avatar }: WireUser) {
  return urls.shape({ ...avatar, version: 'avatar' }, { size: 'THUMB', fit: 'cover' });
}
