import { readFileSync } from 'node:fs';

/** The schema that our own server of this screen serves: peers serve the same one. */
export function readSdl(screen: 'home' | 'dashboard'): string {
  const client = screen === 'home' ? 'mobile' : 'web';
  return readFileSync(new URL(`../../../schema/generated/${client}/schema.graphql`, import.meta.url), 'utf8');
}
