import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { paintJpeg } from './pictures.ts';
import { startImages } from './running-images.ts';

const host = 'Host: a\r\n\r\n';

/** What comes back until the server ends the connection, or resets it: it leaves unread what else was sent. */
function pipeline(port: number, requests: string): Promise<string> {
  return new Promise((resolve) => {
    let answers = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(requests));
    socket.on('data', (chunk: Buffer) => (answers += chunk.toString()));
    socket.on('error', () => {}).once('close', () => resolve(answers));
  });
}

const statusesIn = (answers: string) => [...answers.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));

describe('a connection', () => {
  it.each([
    ['a signature that does not hold', `GET /images/x/y/z HTTP/1.1\r\n${host}`, 403],
    ['a path where nothing is', `GET /nothing HTTP/1.1\r\n${host}`, 404],
    ['a method that is not offered', `DELETE /images/x/y/z HTTP/1.1\r\n${host}`, 405],
    ['no host', 'GET /images/x/y/z HTTP/1.1\r\n\r\n', 400],
  ])('ends with the answer to %s: what is pipelined behind it is not looked at', async (_what, request, status) => {
    const { server, events } = await startImages();
    const answers = await pipeline(server.port, request.repeat(500));
    expect(statusesIn(answers)).toEqual([status]);
    expect(answers).toContain('\r\nconnection: close\r\n');
    expect(events).toEqual([expect.objectContaining({ type: 'refused', status })]);
  });

  it('ends with the answer to a stranger, and not before those that were owed by then', async () => {
    const { server, sign, mediaUrl } = await startImages({ originals: { '/a.jpg': await paintJpeg(600, 400) } });
    const good = `HEAD ${new URL(sign(`${mediaUrl}/a.jpg`)).pathname} HTTP/1.1\r\n${host}`;
    const answers = await pipeline(server.port, `${good}GET /images/x HTTP/1.1\r\n${host}${good}`);
    expect(statusesIn(answers)).toEqual([200, 403]);
  });

  it('goes on after a picture that is not to be had, as its signature holds', async () => {
    const { server, sign, mediaUrl } = await startImages();
    const missing = `GET ${new URL(sign(`${mediaUrl}/none.jpg`)).pathname} HTTP/1.1\r\n${host}`;
    const answers = await pipeline(server.port, `${missing.repeat(3)}GET /images/x HTTP/1.1\r\n${host}`);
    expect(statusesIn(answers)).toEqual([404, 404, 404, 403]);
  });

  it('has a thousand answers, whatever is asked', async () => {
    const { server } = await startImages();
    const answers = await pipeline(server.port, `GET /health HTTP/1.1\r\n${host}`.repeat(1500));
    expect(statusesIn(answers)).toEqual(Array(1000).fill(200));
    expect(answers.match(/\r\nconnection: close\r\n/gi)).toHaveLength(1);
  });
});
