import type { PeerViewer } from './services.ts';

/** Whom a token claims to speak for, unchecked: what a peer that leaves tokens to its gateway would do. */
export function claimedViewer(authorization: string | undefined): PeerViewer {
  const claims = authorization?.split('.')[1] ?? '';
  const { sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string };
  return { id: sub, authorization: authorization ?? '' };
}
