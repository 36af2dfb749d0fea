import { RequestRefusal } from './request-refusal.ts';

/**
 * Refuses app versions that are no longer served. A version that is not sent, or that is no dotted number, is served: it may
 * be anything.
 *
 * @throws RequestRefusal - `CLIENT_TOO_OLD`.
 */
export function refuseOldClient(version: string | null, oldestVersion: string | null): void {
  if (version === null || oldestVersion === null) return;
  const sent = readVersion(version);
  const oldest = readVersion(oldestVersion);
  if (sent === undefined || oldest === undefined) return;
  for (let i = 0; i < Math.max(sent.length, oldest.length); i += 1) {
    const difference = (sent[i] ?? 0) - (oldest[i] ?? 0);
    if (difference > 0) return;
    if (difference < 0) {
      throw new RequestRefusal(
        'CLIENT_TOO_OLD',
        `This version of the app is no longer served: update to ${oldestVersion} or newer.`,
      );
    }
  }
}

// What follows the numbers (`4.2.0-beta.1`, `4.2.0+88`, `4.2 (88)`) does not make a version older than it says.
function readVersion(text: string): number[] | undefined {
  const numbers = /^v?(\d{1,9}(?:\.\d{1,9}){0,7})(?:[-+ (].*)?$/.exec(text)?.[1];
  return numbers?.split('.').map(Number);
}
