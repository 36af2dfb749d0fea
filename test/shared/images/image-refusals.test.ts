import { describe, expect, it } from 'vitest';
import { createImageSigner } from '../../../shared/images/signed-url.ts';
import { paintJpeg } from './pictures.ts';
import { ask, askRaw, expectRefusal, startImages } from './running-images.ts';

const whenever = { '/a.jpg': await paintJpeg(600, 400) };

describe('a request that is refused', () => {
  it('for its signature learns nothing else: one answer for all', async () => {
    const { sign, mediaUrl, server, seen } = await startImages({ originals: whenever });
    const good = new URL(sign(`${mediaUrl}/a.jpg`)).pathname;
    const otherKey = createImageSigner({
      keys: [{ id: 'a', secret: 'b'.repeat(32) }],
      baseUrl: 'http://localhost',
      basePath: '/images',
    }).sign({ source: `${mediaUrl}/a.jpg`, version: 'v1', width: 64, fit: 'inside', format: 'auto' });
    const paths = [
      '/images/',
      '/images/x',
      good.replace(/images\/[\w-]+\//, 'images/'),
      good.replace(/images\/[\w-]{5}/, 'images/'),
      new URL(otherKey).pathname,
      good.replace('w_64', 'w_128'),
      good.replace('w_64', 'w_0'),
      good.replace('w_64', 'w_999999999'),
      good.replace('f_auto', 'f_png'),
      good.replace('v_v1', 'v_v2'),
      good.replace('k_a', 'k_b'),
      `${good}x`,
      `${good}?width=2`,
      `${good}/`,
      `${good}=`,
      `${good}%00`,
      good.replaceAll('.', '%2E'),
      good.replaceAll('.', '%252E'),
      good.replace('.w_64', '.w_64.w_64'),
      good.replace('.w_64.c_inside', '.c_inside.w_64'),
      `/images//${good.slice(8)}`,
      `/images/${'A'.repeat(10_000)}`,
    ];
    const answers = await Promise.all(paths.map((path) => ask(`http://127.0.0.1:${server.port}${path}`)));
    for (const answer of answers) expectRefusal(answer, 403);
    expect(new Set(answers.map(({ body }) => body.toString())).size).toBe(1);
    expect(seen.connections).toBe(0);
  });

  it.each([
    { width: 0 },
    { width: -1 },
    { width: 1e9 },
    { width: Number.NaN },
    { width: 65 },
    { width: 64, height: 63 },
    { width: 64, height: 0 },
    { width: 64.5 },
    { fit: 'zoom' as 'cover' },
    { format: 'svg' as 'png' },
    { expiresOn: 'tomorrow' },
    { expiresOn: '2026-02-31' },
  ])('for options that are not offered, though signed: %o', async (options) => {
    const { get, seen } = await startImages({ originals: whenever });
    expectRefusal(await get('/a.jpg', options), 400);
    expect(seen.connections).toBe(0);
  });

  it('for its source is not connected to, in any spelling', async () => {
    const { sign, seen, mediaUrl } = await startImages({ originals: whenever });
    const port = new URL(mediaUrl).port;
    const sources = [
      `http://ok@127.0.0.1:${port}/a.jpg`,
      `http://127.0.0.1:${port}@evil/a.jpg`,
      `http://ok.evil:${port}/a.jpg`,
      `http://localhost:${port}/a.jpg`,
      `http://[::ffff:127.0.0.1]:${port}/a.jpg`,
      `http://public.example:${port}/a.jpg`,
      'http://169.254.169.254/latest/meta-data/',
      'file:///etc/passwd',
      '/a.jpg',
      'not a url',
    ];
    for (const source of sources) expectRefusal(await ask(sign(source)), 404);
    expect(seen.connections).toBe(0);
  });

  it.each(['127.1', '2130706433', '0x7f.1', '0177.0.0.1'])(
    'for the address %s is found only where the address it means is on the list',
    async (host) => {
      const { sign, seen } = await startImages({ originals: whenever });
      expectRefusal(await ask(sign(`http://${host}:1/a.jpg`)), 404);
      expect(seen.connections).toBe(0);
    },
  );

  it('for its method says which ones there are', async () => {
    const { sign, mediaUrl, events } = await startImages({ originals: whenever });
    const answer = await ask(sign(`${mediaUrl}/a.jpg`), { method: 'POST' });
    expectRefusal(answer, 405);
    expect(answer.headers.allow).toBe('GET, HEAD');
    expect(events).toEqual([
      expect.objectContaining({ type: 'refused', status: 405, path: expect.stringContaining('/images/') }),
    ]);
  });

  it('for its path is not found, and /health is', async () => {
    const { server, events } = await startImages();
    const paths = ['/', '/image', '/imagesx', '/etc/passwd', '/graphql'];
    for (const path of paths) expectRefusal(await ask(`http://127.0.0.1:${server.port}${path}`), 404);
    expect(events).toEqual(paths.map((path) => expect.objectContaining({ type: 'refused', status: 404, path })));
    expect((await ask(`http://127.0.0.1:${server.port}/health`)).body.toString()).toBe('ok\n');
  });

  it('for HTTP that is none is told so in the same way', async () => {
    const { server, sign, mediaUrl, events } = await startImages({ originals: whenever });
    const { pathname } = new URL(sign(`${mediaUrl}/a.jpg`));
    const requests = [
      ['hello\r\n\r\n', 400],
      [`GET ${pathname} HTTP/1.1\r\n\r\n`, 400],
      [`GET ${pathname} HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
      [`GET /images/${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
    ] as const;
    for (const [text, status] of requests) {
      const answer = await askRaw(server.port, text);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [A-Z][A-Za-z ]+\r\n`));
      expect(answer.toLowerCase()).toContain('\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n');
      expect(answer).toMatch(/\r\n\r\n[a-z ,:]+\n$/);
      expect(events.at(-1)).toMatchObject({ type: 'refused', status, reason: expect.stringMatching(/^[\w ,:]+$/) });
    }
  });

  it('is not told that it has what is not there', async () => {
    const { get } = await startImages({ originals: whenever });
    expectRefusal(await get('/none.jpg', {}, { 'if-none-match': '*' }), 404);
    expect((await get('/a.jpg', {}, { 'if-none-match': '*' })).status).toBe(304);
  });

  it('names in the log where its original was to come from, once it got that far', async () => {
    const { get, sign, events, mediaUrl } = await startImages({
      originals: { '/text.jpg': Buffer.from('no picture'), '/down.jpg': 503 },
    });
    for (const [path, status] of [
      ['/none.jpg', 404],
      ['/text.jpg', 422],
      ['/down.jpg', 504],
    ] as const) {
      expectRefusal(await get(path), status);
      expect(events.at(-1)).toMatchObject({ type: 'refused', status, origin: mediaUrl });
    }
    expectRefusal(await ask(sign('http://elsewhere.example/a.jpg')), 404);
    expect(events.at(-1)).toMatchObject({ type: 'refused', status: 404, origin: null });
  });

  it('says why in the log and not to the client, and never shows more than the start of a path', async () => {
    const { server, events } = await startImages();
    const answer = await ask(`http://127.0.0.1:${server.port}/images/${'x'.repeat(5000)}`);
    expect(answer.body.toString()).toBe('forbidden\n');
    expect(events).toEqual([
      expect.objectContaining({ type: 'refused', status: 403, reason: 'the signature does not hold' }),
    ]);
    expect(JSON.stringify(events).length).toBeLessThan(1000);
  });
});
