import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { formatImageOptions, type ImageOptions } from './image-options.ts';
import { canonicalSource } from './image-source.ts';

/** A secret that signs image URLs, and the name under which the URL tells which one it was. */
export interface ImageKey {
  /** 1 to 16 letters, digits or hyphens; stands in every URL. */
  readonly id: string;
  /** At least 32 bytes, as SHA-256 gives 32: a shorter secret would be the weakest part. */
  readonly secret: string;
}

export interface ImageSignerOptions {
  /** The first one signs, every one verifies: two while keys change, so that URLs already handed out keep working. */
  readonly keys: readonly ImageKey[];
  /** Where phones reach the images, as `https://img.shop.example`: the image process itself or a CDN before it. */
  readonly baseUrl: string;
  /** The first segments of the path, as `/images`. */
  readonly basePath: string;
}

export interface ImageRequest extends ImageOptions {
  /** The absolute URL of the original. */
  readonly source: string;
}

/** The parts of a URL whose signature holds. */
export interface SignedImage {
  readonly options: string;
  readonly source: string;
}

export interface ImageSigner {
  /** The URL of a picture; the same request always gives the same one, so that caches hit. */
  sign(request: ImageRequest): string;
  /** Null unless a key of ours signed exactly this path; it says nothing about whether the options make sense. */
  verify(path: string): SignedImage | null;
}

const keyIdPattern = /^[A-Za-z0-9-]{1,16}$/;
const pathPattern = /^([A-Za-z0-9_-]{43})\/(k_([A-Za-z0-9-]{1,16})\.[^/]*)\/([A-Za-z0-9_-]+)$/;

/**
 * Signs and verifies `<base>/<signature>/<options>/<source>`: HMAC-SHA-256, all 32 bytes, over `<options>/<source>`.
 * The source is Base64url, since proxies rewrite `//` and `%2F` in paths and a signature bears no rewriting.
 *
 * @throws TypeError - keys, `baseUrl` or `basePath` are unusable; the message says how and shows no secret.
 */
export function createImageSigner(options: ImageSignerOptions): ImageSigner {
  const secrets = readKeys(options.keys);
  const [signing] = options.keys;
  if (signing === undefined) throw new TypeError('image keys: give at least one');
  const signingSecret = createSecretKey(Buffer.from(signing.secret));
  const prefix = `${readBaseUrl(options.baseUrl)}${readBasePath(options.basePath)}/`;
  const pathPrefix = `${options.basePath}/`;

  return {
    sign(request) {
      const signed = `${formatImageOptions(signing.id, request)}/${Buffer.from(canonicalSource(request.source)).toString('base64url')}`;
      return `${prefix}${digest(signingSecret, signed)}/${signed}`;
    },

    verify(path) {
      if (!path.startsWith(pathPrefix)) return null;
      const [, signature, optionsText, keyId, source] = pathPattern.exec(path.slice(pathPrefix.length)) ?? [];
      if (signature === undefined || optionsText === undefined || source === undefined) return null;
      const secret = secrets.get(keyId ?? '');
      if (secret === undefined) return null;
      // Texts are compared, not bytes: Base64url has four spellings for the last of 43 characters, and one URL is enough.
      const expected = digest(secret, `${optionsText}/${source}`);
      if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return null;
      return { options: optionsText, source: Buffer.from(source, 'base64url').toString() };
    },
  };
}

function digest(secret: KeyObject, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

function readKeys(keys: readonly ImageKey[]): ReadonlyMap<string, KeyObject> {
  const secrets = new Map<string, KeyObject>();
  if (keys.length > 2) throw new TypeError('image keys: give at most two, the new one and the one before it');
  for (const { id, secret } of keys) {
    if (!keyIdPattern.test(id)) throw new TypeError('image keys: an id is 1 to 16 letters, digits or hyphens');
    if (secrets.has(id)) throw new TypeError(`image keys: the id "${id}" is given twice`);
    if (Buffer.byteLength(secret) < 32)
      throw new TypeError(`image keys: the secret of "${id}" is shorter than 32 bytes`);
    secrets.set(id, createSecretKey(Buffer.from(secret)));
  }
  return secrets;
}

function readBaseUrl(baseUrl: string): string {
  const parsed = URL.parse(baseUrl);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || `${parsed.search}${parsed.hash}` !== '') {
    throw new TypeError(
      'image base URL: give an absolute http or https URL without query, as https://img.shop.example',
    );
  }
  return parsed.href.replace(/\/$/, '');
}

function readBasePath(basePath: string): string {
  if (!/^(\/[a-z0-9-]+)+$/.test(basePath)) {
    throw new TypeError('image base path: give segments of a-z, 0-9 and hyphens, as /images');
  }
  return basePath;
}
