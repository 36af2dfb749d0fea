/** A configuration that cannot be run: the message names every problem at once, and no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** One line each: the variable's name and what it must be. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `${problems.length === 1 ? 'One setting' : `${problems.length} settings`} must be corrected:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}
