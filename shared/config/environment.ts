import { readFileSync } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings that may be kept in a file: `NAME_FILE` holds its path, as orchestrators mount secrets. */
export const secretNames: readonly string[] = [
  'SERVICE_TOKEN',
  'REDIS_URL',
  'REDIS_SENTINEL_PASSWORD',
  'REDIS_TLS_CA',
  'IMAGE_KEYS',
];

/** Fills `NAME` from the file that `NAME_FILE` points at, and drops empty values: a variable set to nothing counts as not set. */
export function readEnvironment(env: Environment, problems: string[]): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value.trim() !== '') settings[name] = value.trim();
  }
  for (const name of secretNames) {
    const path = settings[`${name}_FILE`];
    if (path === undefined) continue;
    if (settings[name] !== undefined) {
      problems.push(`${name}: set either ${name} or ${name}_FILE, not both`);
      continue;
    }
    try {
      const secret = readFileSync(path, 'utf8').trim();
      if (secret === '') problems.push(`${name}_FILE: the file is empty`);
      else settings[name] = secret;
    } catch {
      problems.push(`${name}_FILE: the file cannot be read`);
    }
  }
  return settings;
}
