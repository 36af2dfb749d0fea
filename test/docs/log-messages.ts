import { listSources, readSource } from '../support/source-files.ts';

const logCall = /\b(?:logger|own)(?:\.(?:warn|error|info)|\[[^\]]*\])\(|\bcreateLineWriter\(/g;

/** The messages of every line that the servers log, as they stand in the code: the texts behind a call's first argument. */
export function listLogMessages(): string[] {
  const sources = listSources().filter((path) => /^(?:shared|bffs)\//.test(path));
  const calls = sources.flatMap((path) => {
    const code = readSource(path);
    return [...code.matchAll(logCall)].map(({ 0: start, index }) =>
      behindFirstArgument(code.slice(index + start.length)),
    );
  });
  return [...new Set(calls.flatMap((text) => [...text.matchAll(/'([^']+)'/g)].map(([, message = '']) => message)))];
}

/** Of a call's arguments and all that follows, what stands between the first comma of the call itself and its end. */
function behindFirstArgument(code: string): string {
  let depth = 0;
  let commaAt = code.length;
  for (const [index, character] of [...code].entries()) {
    if ('([{'.includes(character)) depth += 1;
    else if (character === ',' && depth === 0) commaAt = Math.min(commaAt, index);
    else if (')]}'.includes(character) && depth-- === 0) return code.slice(commaAt, index);
  }
  return '';
}
