import { Agent } from 'undici';

export interface AskOptions {
  readonly concurrency: number;
  readonly accept?: string;
  readonly expected?: readonly number[];
  readonly onAnswer?: (bytes: number) => void;
}

/** Asks for every URL once, so many at a time; the milliseconds it took. @throws Error at the first answer that is not expected */
export async function askAll(
  urls: Iterable<string>,
  { concurrency, accept = '*/*', expected = [200], onAnswer = () => {} }: AskOptions,
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
      if (!expected.includes(statusCode)) throw new Error(`${statusCode} for ${url}`);
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
