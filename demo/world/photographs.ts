import { createHash } from 'node:crypto';
import { assortments } from './assortment.ts';
import { createRandom } from './random.ts';

/** All that the renderer needs to paint one picture; the same recipe gives the same picture. */
export interface PhotographRecipe {
  file: string;
  scene: string;
  seed: string;
  width: number;
  height: number;
  version: string;
}

/** Raised when the painter changes, so that folders with older pictures are not served from. */
const painterVersion = 1;
const photographsPerCategory = 6;
const avatarCount = 24;

/** Long side first: what cameras and their owners make of them. */
const formats = [
  [2400, 1600],
  [1600, 2400],
  [2400, 1800],
  [2000, 2000],
  [2880, 1620],
  [1680, 2240],
  [3200, 2000],
] as const;

function createRecipe(folder: string, name: string, shape: Pick<PhotographRecipe, 'scene' | 'width' | 'height'>) {
  const seed = `${folder}/${name}`;
  const version = createHash('sha256')
    .update(JSON.stringify([painterVersion, seed, shape.scene, shape.width, shape.height]))
    .digest('hex')
    .slice(0, 12);
  return { file: `${name}.jpg`, seed, version, ...shape };
}

/** The pool of 72 photographs, six a category; the same for every seed, so that one cache folder serves all shops. */
export function createPhotographs(): PhotographRecipe[] {
  const random = createRandom('photographs', 'formats');
  return assortments.flatMap((assortment) =>
    Array.from({ length: photographsPerCategory }, (_, index) => {
      const [width, height] = random.pick(formats);
      return createRecipe('photos', `${assortment.id}-${index + 1}`, { scene: assortment.id, width, height });
    }),
  );
}

/** Square portraits, shared out over the users. */
export function createAvatars(): PhotographRecipe[] {
  return Array.from({ length: avatarCount }, (_, index) =>
    createRecipe('avatars', `${index + 1}`, { scene: 'portrait', width: 512, height: 512 }),
  );
}
