import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { developmentDefaults } from './development.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { purposes } from './purposes.ts';

export type RunningEnvironment = 'development' | 'test' | 'production';

/** Reads sections one after another and remembers what is wrong with each, so that all of it is told at once. */
export interface SettingsReader {
  readonly environment: RunningEnvironment;
  readonly settings: Readonly<Record<string, string>>;
  /** The section, or null where something was wrong with it. */
  read<T extends z.ZodType>(section: T): z.output<T> | null;
  /** For what no section can see by itself. */
  complain(problems: readonly string[]): void;
  /**
   * The sections, all there.
   *
   * @throws ConfigError - with every problem that was found.
   */
  complete<T extends Record<string, unknown>>(sections: T): { [K in keyof T]: Exclude<T[K], null> };
}

/** Which of our environments this is. */
export const environmentSettings = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'], 'must be development, test or production')
    .default('development'),
});

/** `defaults`: what a process of ours uses where its environment is silent. */
export function createSettingsReader(env: Environment, defaults: Readonly<Record<string, string>>): SettingsReader {
  const problems: string[] = [];
  const given = readEnvironment(env, problems);
  let settings = given;

  function read<T extends z.ZodType>(section: T): z.output<T> | null {
    const result = section.safeParse(settings, {
      error: (issue) => (issue.input === undefined ? 'is not set' : undefined),
    });
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      const name = String(issue.path[0] ?? '');
      const purpose = purposes[name];
      const hint = issue.message === 'is not set' && purpose !== undefined ? ` (${purpose})` : '';
      problems.push(`${name}: ${issue.message}${hint}`);
    }
    return null;
  }

  // A misspelt NODE_ENV must not bring development's defaults.
  const environment = read(environmentSettings)?.NODE_ENV ?? 'production';
  settings = { ...(environment === 'production' ? {} : developmentDefaults), ...defaults, ...given };

  return {
    environment,
    settings,
    read,
    complain: (found) => problems.push(...found),
    complete<T extends Record<string, unknown>>(sections: T) {
      if (problems.length > 0) throw new ConfigError([...new Set(problems)]);
      return sections as { [K in keyof T]: Exclude<T[K], null> };
    },
  };
}
