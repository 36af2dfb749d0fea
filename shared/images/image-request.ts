import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { chooseFormat } from './accept.ts';
import { endOfDayMs, parseImageOptions } from './image-options.ts';
import { isOfferedHeight } from './image-variants.ts';
import { type VariantRequest, variantKey } from './optimizer.ts';
import type { OriginList } from './origin-list.ts';
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

const yearSeconds = 31_536_000;

/**
 * Reads a request. The signature comes first, so that who cannot sign learns nothing more.
 *
 * @throws AppError FORBIDDEN, BAD_USER_INPUT, NOT_FOUND
 */
export function admitRequest(deps: AdmissionDeps, path: string, accept: string | undefined): AdmittedRequest {
  const signed = deps.signer.verify(path);
  if (signed === null) throw new AppError('FORBIDDEN', 'the signature does not hold');
  const options = parseImageOptions(signed.options);
  // Our own signer offers only these; a leaked or careless use of the key must still not fill the cache with sizes.
  if (options === null || !deps.widths.includes(options.width)) {
    throw new AppError('BAD_USER_INPUT', `the options are not offered: ${signed.options}`);
  }
  if (options.height !== undefined && !isOfferedHeight(options.width, options.height)) {
    throw new AppError('BAD_USER_INPUT', `the height is not offered: ${signed.options}`);
  }
  const leftSeconds =
    options.expiresOn === undefined
      ? yearSeconds
      : Math.floor((endOfDayMs(options.expiresOn) - deps.clock.wallMs()) / 1000);
  if (leftSeconds <= 0) throw new AppError('FORBIDDEN', 'the last day of the URL is over');
  const format = chooseFormat(options.format, accept);
  return {
    variant: {
      key: variantKey(signed.source, options, format),
      source: signed.source,
      original: deps.origins.find(signed.source),
      options,
      format,
    },
    maxAgeSeconds: Math.min(yearSeconds, leftSeconds),
    dependsOnAccept: options.format === 'auto',
  };
}
