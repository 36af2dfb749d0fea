import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGallery } from '../../demo/media/gallery.ts';
import { paintPhotograph } from '../../demo/media/painter.ts';
import { createPhotographs } from '../../demo/world/photographs.ts';

export interface Photograph {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly jpeg: Buffer;
}

/** The shop's own scenes at a camera's sizes, from 2 to 16 megapixels. */
const cameraSizes = [
  [1732, 1155],
  [2449, 1633],
  [3000, 2000],
  [3464, 2309],
  [4243, 2828],
  [4899, 3266],
] as const;

function gallery() {
  return createGallery(
    { paint: paintPhotograph },
    { cacheDir: join(tmpdir(), 'demo-shop-photographs'), log: (line) => process.stderr.write(`${line}\n`) },
  );
}

/** Painted once and kept in the demo's folder. */
export async function cameraPhotographs(): Promise<Photograph[]> {
  const pictures = gallery();
  const scenes = createPhotographs();
  return Promise.all(
    cameraSizes.map(async ([width, height], index) => {
      const scene = scenes[index * 7] ?? scenes[0];
      if (scene === undefined) throw new Error('the demo has no photographs');
      const name = `camera-${width}`;
      const recipe = { ...scene, file: `${name}.jpg`, width, height, version: `${scene.version}-${width}` };
      return { name, width, height, jpeg: await pictures.picture('bench', recipe) };
    }),
  );
}

/** What the phone's home screen shows: products of the demo's shop. */
export async function shopPhotographs(count: number): Promise<Photograph[]> {
  const pictures = gallery();
  const recipes = createPhotographs();
  const step = Math.max(1, Math.floor(recipes.length / count));
  const chosen = recipes.filter((_, index) => index % step === 0).slice(0, count);
  return Promise.all(
    chosen.map(async (recipe) => ({
      name: recipe.file.replace('.jpg', ''),
      width: recipe.width,
      height: recipe.height,
      jpeg: await pictures.picture('photos', recipe),
    })),
  );
}

export interface Media {
  readonly url: string;
  urlOf(photograph: Photograph): string;
  close(): void;
}

/** A media server of nothing but memory, so that its own cost stays out of the figures. */
export async function serveMedia(photographs: readonly Photograph[]): Promise<Media> {
  const files = new Map(photographs.map(({ name, jpeg }) => [`/${name}.jpg`, jpeg]));
  const server = createServer((request, response) => {
    const jpeg = files.get((request.url ?? '').split('?')[0] ?? '');
    if (jpeg === undefined) response.writeHead(404).end();
    else {
      response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': jpeg.length });
      response.end(request.method === 'HEAD' ? undefined : jpeg);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    urlOf: ({ name }) => `${url}/${name}.jpg`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
