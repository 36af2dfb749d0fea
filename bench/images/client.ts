import { Agent } from 'undici';

/** Asks for every URL once, so many at a time; the milliseconds it took. @throws Error at the first answer that is not 200 */
export async function askAll(
  urls: Iterable<string>,
  {
    concurrency,
    accept = '*/*',
    onAnswer = () => {},
  }: { concurrency: number; accept?: string; onAnswer?: (bytes: number) => void },
): Promise<number> {
  const agent = new Agent({ connections: concurrency, pipelining: 1 });
  // One line that all the workers take from.
  const left = urls[Symbol.iterator]();
  const startedMs = performance.now();
  const work = async () => {
    for (let next = left.next(); next.done !== true; next = left.next()) {
      const url = next.value;
      const { origin, pathname } = new URL(url);
      const { statusCode, body } = await agent.request({ origin, path: pathname, method: 'GET', headers: { accept } });
      const bytes = (await body.arrayBuffer()).byteLength;
      if (statusCode !== 200) throw new Error(`${statusCode} for ${url}`);
      onAnswer(bytes);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
    return performance.now() - startedMs;
  } finally {
    await agent.close();
  }
}
