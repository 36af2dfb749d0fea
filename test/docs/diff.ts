/**
 * Applies a diff as a page shows it: lines that start with `-`, `+` or a blank, no line numbers. What a hunk expects must stand
 * in the text exactly once. A line of `@@` starts the next hunk.
 *
 * @throws Error - saying which hunk does not fit and why.
 */
export function applyDiff(text: string, diff: string): string {
  return splitHunks(diff).reduce((changed, hunk) => {
    const expected = hunk.filter((line) => !line.startsWith('+')).map((line) => line.slice(1));
    const replacement = hunk.filter((line) => !line.startsWith('-')).map((line) => line.slice(1));
    const lines = changed.split('\n');
    const places = lines.flatMap((_, start) =>
      expected.every((line, index) => lines[start + index] === line) ? [start] : [],
    );
    const [start] = places;
    if (expected.length === 0 || start === undefined || places.length > 1) {
      const found = expected.length === 0 ? 'has no line to find its place by' : `is found ${places.length} times`;
      throw new Error(`This hunk ${found}:\n${hunk.join('\n')}`);
    }
    return lines.toSpliced(start, expected.length, ...replacement).join('\n');
  }, text);
}

function splitHunks(diff: string): string[][] {
  const hunks: string[][] = [[]];
  for (const line of diff.split('\n')) {
    if (line.startsWith('@@')) hunks.push([]);
    else if (line === '') hunks.at(-1)?.push(' ');
    else if (/^[-+ ]/.test(line)) hunks.at(-1)?.push(line);
    else throw new Error(`A line of a diff starts with "-", "+" or a blank, not so: ${line}`);
  }
  return hunks.filter((hunk) => hunk.length > 0);
}
