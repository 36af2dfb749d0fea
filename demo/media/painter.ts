import sharp from 'sharp';
import type { PhotographRecipe } from '../world/photographs.ts';
import { createRandom, type Random } from '../world/random.ts';
import type { Canvas } from './draw.ts';
import {
  drawAudio,
  drawBedding,
  drawBoardGames,
  drawBooks,
  drawComputing,
  drawCookware,
  drawLighting,
  drawTableware,
} from './scenes-indoors.ts';
import { drawBags, drawCamping, drawCycling, drawGarden, drawPortrait } from './scenes-outdoors.ts';
import { type Colour, paintGrain, paintSurface, type RawImage, type Surface } from './texture.ts';

interface Scene {
  draw: (canvas: Canvas) => string;
  surface: (random: Random) => Surface;
}

/** The noise is painted this much smaller and then enlarged: it is smooth, and grain comes on top. */
const surfaceScale = 6;
const jpegQuality = 85;

function tinted(random: Random, colour: Colour, spread: number): Colour {
  const shift = random.integer(-spread, spread);
  return [colour[0] + shift, colour[1] + shift * 0.7, colour[2] + shift * 0.5];
}

function wood(random: Random): Surface {
  const dark = tinted(random, [78, 50, 30], 22);
  return {
    dark,
    light: [dark[0] + 125, dark[1] + 105, dark[2] + 85],
    cells: [2, 26],
    octaves: 5,
    contrast: 0.62,
    light2d: [0.25, 0.2],
  };
}

function plaster(random: Random): Surface {
  const dark = tinted(random, [120, 116, 112], 40);
  return {
    dark,
    light: [dark[0] + 95, dark[1] + 92, dark[2] + 86],
    cells: [7, 5],
    octaves: 6,
    contrast: 0.45,
    light2d: [0.3, 0.1],
  };
}

function night(random: Random): Surface {
  const dark = tinted(random, [14, 15, 24], 8);
  return {
    dark,
    light: [dark[0] + 70, dark[1] + 58, dark[2] + 55],
    cells: [5, 4],
    octaves: 5,
    contrast: 0.5,
    light2d: [0.5, 0.45],
  };
}

function sky(random: Random): Surface {
  return {
    dark: [90 + random.integer(-20, 40), 130, 180],
    light: [250, 236, 222 + random.integer(-20, 20)],
    cells: [3, 6],
    octaves: 6,
    contrast: 0.55,
    light2d: [random.next(), 0.25],
  };
}

function foliage(random: Random): Surface {
  const dark = tinted(random, [14, 26, 12], 8);
  return {
    dark,
    light: [dark[0] + 85, dark[1] + 120, dark[2] + 60],
    cells: [14, 12],
    octaves: 5,
    contrast: 0.75,
    light2d: [0.4, 0.1],
  };
}

const scenes: Record<string, Scene> = {
  cookware: { draw: drawCookware, surface: wood },
  tableware: { draw: drawTableware, surface: wood },
  bedding: { draw: drawBedding, surface: plaster },
  lighting: { draw: drawLighting, surface: night },
  camping: { draw: drawCamping, surface: sky },
  cycling: { draw: drawCycling, surface: plaster },
  garden: { draw: drawGarden, surface: foliage },
  bags: { draw: drawBags, surface: plaster },
  books: { draw: drawBooks, surface: plaster },
  'board-games': { draw: drawBoardGames, surface: wood },
  audio: { draw: drawAudio, surface: plaster },
  computing: { draw: drawComputing, surface: wood },
  portrait: { draw: drawPortrait, surface: plaster },
};

function asInput(image: RawImage) {
  return { raw: { width: image.width, height: image.height, channels: image.channels } };
}

function drawing(recipe: PhotographRecipe, scene: Scene, random: Random): Buffer {
  const shortSide = Math.min(recipe.width, recipe.height);
  const canvas = { width: (recipe.width / shortSide) * 100, height: (recipe.height / shortSide) * 100, random };
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${recipe.width}" height="${recipe.height}" viewBox="0 0 ${canvas.width} ${canvas.height}">`;
  return Buffer.from(`${head}${scene.draw(canvas)}</svg>`);
}

/** Paints one picture: a surface out of noise, things on it, and grain over all. @returns a JPEG */
export async function paintPhotograph(recipe: PhotographRecipe): Promise<Buffer> {
  const scene = scenes[recipe.scene];
  if (!scene) throw new Error(`There is no scene ${recipe.scene}.`);
  const random = createRandom(recipe.seed, 'scene');
  const surface = paintSurface(scene.surface(random), {
    width: Math.ceil(recipe.width / surfaceScale),
    height: Math.ceil(recipe.height / surfaceScale),
    seed: recipe.seed,
  });
  const grain = paintGrain(recipe.seed, recipe.width > 1_000 ? 64 : 24);
  return await sharp(surface.pixels, asInput(surface))
    .resize(recipe.width, recipe.height, { kernel: 'cubic', fit: 'fill' })
    .composite([
      { input: drawing(recipe, scene, random) },
      { input: grain.pixels, ...asInput(grain), tile: true, blend: 'soft-light' },
    ])
    .jpeg({ quality: jpegQuality })
    .toBuffer();
}
