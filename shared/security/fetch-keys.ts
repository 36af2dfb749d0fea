import { request } from 'undici';

const maxBytes = 256 * 1024;

/** Fetches a JWKS document: no redirect is followed, and no more than 256 KiB is read. */
export function createKeyFetch(jwksUrl: string): (signal: AbortSignal) => Promise<unknown> {
  return async (signal) => {
    const { statusCode, body } = await request(jwksUrl, { signal, headers: { accept: 'application/json' } });
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`the JWKS URL answered ${statusCode}`);
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new Error('the JWKS document is larger than 256 KiB');
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  };
}
