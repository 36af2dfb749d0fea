import { notFound } from '../services/problem.ts';
import type { Route, Service, ServiceAnswer } from '../services/service.ts';
import type { PhotographRecipe } from '../world/photographs.ts';
import { createGallery, type Gallery } from './gallery.ts';
import { paintPhotograph } from './painter.ts';

const folders = ['photos', 'avatars'] as const;
type Folder = (typeof folders)[number];

interface Shelf {
  folder: Folder;
  recipes: ReadonlyMap<string, PhotographRecipe>;
}

async function serve(gallery: Gallery, shelf: Shelf, file: string): Promise<ServiceAnswer> {
  const recipe = shelf.recipes.get(file);
  if (!recipe) throw notFound('picture');
  const headers = {
    'content-type': 'image/jpeg',
    etag: `"${recipe.version}"`,
    'cache-control': 'public, max-age=86400',
    'x-content-type-options': 'nosniff',
  };
  return { status: 200, bytes: await gallery.picture(shelf.folder, recipe), headers };
}

function createRoutes(gallery: Gallery, shelf: Shelf): Route[] {
  return (['GET', 'HEAD'] as const).map((method) => ({
    operation: {
      method,
      path: `/${shelf.folder}/{file}`,
      operationId: `${method.toLowerCase()}-${shelf.folder}`,
      summary: 'A picture, painted when it is first asked for.',
      access: 'public',
      parameters: [
        {
          name: 'file',
          in: 'path',
          required: true,
          description: 'As `<name>.jpg`.',
          schema: { type: 'string', pattern: '^[a-z0-9-]{1,64}\\.jpg$' },
        },
      ],
      answers: {
        200: {
          description: 'The picture.',
          mediaType: 'image/jpeg',
          headers: { ETag: 'For If-None-Match.', 'X-Content-Type-Options': 'nosniff.' },
        },
        304: { description: 'Unchanged.', headers: { ETag: 'For If-None-Match.' } },
        404: { description: 'No such picture.' },
      },
    },
    handle: (request) => serve(gallery, shelf, request.path['file'] ?? ''),
  }));
}

/** The shop's store of pictures. */
export function createMediaService(
  pictures: Record<Folder, readonly PhotographRecipe[]>,
  options: { cacheDir: string; log: (line: string) => void },
): Service {
  const gallery = createGallery({ paint: paintPhotograph }, options);
  const routes = folders.flatMap((folder) =>
    createRoutes(gallery, { folder, recipes: new Map(pictures[folder].map((recipe) => [recipe.file, recipe])) }),
  );
  return { name: 'media', title: 'Pictures', schemas: {}, routes, close: () => undefined };
}
