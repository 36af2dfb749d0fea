import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { secretNames } from '../../shared/config/environment.ts';
import { repositoryRoot } from '../support/source-files.ts';

/** Every variable that a section of shared/config reads: the sections are zod objects, and say so themselves. */
export async function listVariables(): Promise<string[]> {
  const folder = join(repositoryRoot, 'shared/config');
  const names = new Set<string>();
  for (const file of readdirSync(folder)) {
    const exported = (await import(join(folder, file))) as Readonly<Record<string, unknown>>;
    for (const value of Object.values(exported)) {
      const section = value instanceof z.ZodPipe ? value.in : value;
      if (section instanceof z.ZodObject) for (const name of Object.keys(section.shape)) names.add(name);
    }
  }
  return [...names, ...secretNames.map((name) => `${name}_FILE`)].toSorted();
}
