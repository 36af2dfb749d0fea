import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { chooseFormat, type TargetFormat } from './accept.ts';
import { endOfDayMs, type ImageFormat, type ImageOptions, parseImageOptions } from './image-options.ts';
import { isOfferedHeight } from './image-variants.ts';
import { type VariantRequest, variantKey } from './optimizer.ts';
import type { AllowedOriginal, OriginList } from './origin-list.ts';
import type { ImageSigner } from './signed-url.ts';

export interface AdmissionDeps {
  readonly signer: ImageSigner;
  readonly origins: OriginList;
  readonly clock: Clock;
  /** The widths in pixels that are served. */
  readonly widths: readonly number[];
}

/** A request that may cost something: its signature holds, its options are offered, its source is on the list. */
export interface AdmittedRequest {
  readonly variant: VariantRequest;
  /** How long the answer may be kept, in seconds. */
  readonly maxAgeSeconds: number;
  readonly dependsOnAccept: boolean;
}

export interface Admission {
  /**
   * Reads a request. The signature comes first, so that who cannot sign learns nothing more.
   *
   * @throws AppError FORBIDDEN, BAD_USER_INPUT, NOT_FOUND
   */
  admit(path: string, accept: string | undefined): AdmittedRequest;
}

interface SignedPath {
  readonly source: string;
  readonly original: AllowedOriginal;
  readonly options: ImageOptions;
  readonly variants: Map<TargetFormat, VariantRequest>;
}

const yearSeconds = 31_536_000;
// About 1.5 KB each. Only paths that we signed come in, so nobody else can push them out.
const maxKnownPaths = 5000;
// A browser sends one or two; anybody may send others, of up to 16 KB.
const maxKnownAccepts = 100;

/** Decides which requests are served. What a path says is kept: checking it anew is half of what a hit costs. */
export function createImageAdmission(deps: AdmissionDeps): Admission {
  const { signer, origins, clock, widths } = deps;
  const known = new LRUCache<string, SignedPath>({ max: maxKnownPaths });
  const chosen = new LRUCache<string, TargetFormat>({ max: maxKnownAccepts });

  function read(path: string): SignedPath {
    const signed = signer.verify(path);
    if (signed === null) throw new AppError('FORBIDDEN', 'the signature does not hold');
    const options = parseImageOptions(signed.options);
    // Our own signer offers only these; a leaked or careless use of the key must still not fill the cache with sizes.
    if (options === null || !widths.includes(options.width)) {
      throw new AppError('BAD_USER_INPUT', `the options are not offered: ${signed.options}`);
    }
    if (options.height !== undefined && !isOfferedHeight(options.width, options.height)) {
      throw new AppError('BAD_USER_INPUT', `the height is not offered: ${signed.options}`);
    }
    return { source: signed.source, original: origins.find(signed.source), options, variants: new Map() };
  }

  function find(path: string): SignedPath {
    const before = known.get(path);
    if (before !== undefined) return before;
    const signedPath = read(path);
    known.set(path, signedPath);
    return signedPath;
  }

  function formatFor(format: ImageFormat, accept = ''): TargetFormat {
    if (format !== 'auto') return format;
    const before = chosen.get(accept);
    if (before !== undefined) return before;
    const target = chooseFormat(format, accept);
    chosen.set(accept, target);
    return target;
  }

  function variantOf({ source, original, options, variants }: SignedPath, format: TargetFormat): VariantRequest {
    const before = variants.get(format);
    if (before !== undefined) return before;
    const variant = { key: variantKey(source, options, format), source, original, options, format };
    variants.set(format, variant);
    return variant;
  }

  return {
    admit(path, accept) {
      const signedPath = find(path);
      const { expiresOn, format } = signedPath.options;
      const leftSeconds =
        expiresOn === undefined ? yearSeconds : Math.floor((endOfDayMs(expiresOn) - clock.wallMs()) / 1000);
      if (leftSeconds <= 0) throw new AppError('FORBIDDEN', 'the last day of the URL is over');
      return {
        variant: variantOf(signedPath, formatFor(format, accept)),
        maxAgeSeconds: Math.min(yearSeconds, leftSeconds),
        dependsOnAccept: format === 'auto',
      };
    },
  };
}
