/** The rows of the table below a heading, cell by cell; rows that are no more than a title in bold are left out. */
export function readTable(page: string, heading: string): string[][] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`The page has no section "${heading}".`);
  const [, , ...rows] = section.split('\n').filter((line) => line.startsWith('|'));
  return rows
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([first = '']) => !first.startsWith('**'));
}

/** The pieces of code in a cell. */
export function readCodes(cell: string | undefined): string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

const unitsMs = { s: 1000, min: 60_000, h: 3_600_000, second: 1000, minute: 60_000, hour: 3_600_000 };

/** Milliseconds of "30 s" or "10 minutes". */
export function readDurationMs(cell: string | undefined): number {
  const [, count = '', unit = ''] = /^(\d+) ([a-z]+?)s?$/.exec(cell ?? '') ?? [];
  const unitMs = new Map(Object.entries(unitsMs)).get(unit === '' ? 's' : unit);
  return Number(count) * (unitMs ?? Number.NaN);
}
