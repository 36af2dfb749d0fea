import { hash } from 'node:crypto';

/** A viewer's name in the operation log: the same on every line and replica, and nobody's id without the secret. */
export function createPseudonym(secret: string): (viewer: { readonly id: string }) => string {
  // A verified token is one object for a minute: its hash is computed once.
  const known = new WeakMap<object, string>();
  return (viewer) => {
    const kept = known.get(viewer);
    if (kept !== undefined) return kept;
    const pseudonym = hash('sha256', `${secret}\n${viewer.id}`, 'base64url').slice(0, 16);
    known.set(viewer, pseudonym);
    return pseudonym;
  };
}
