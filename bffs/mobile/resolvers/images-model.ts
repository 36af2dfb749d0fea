import type { ShapedPicture } from '../../../shared/images/image-urls.ts';

/** A shaped picture with what it shows. */
export interface ImageModel extends ShapedPicture {
  readonly alt: string;
}
