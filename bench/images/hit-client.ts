import { connect } from 'node:net';

export interface HitLoad {
  readonly port: number;
  /** Asked one after the other, by whichever connection is free; each must be answered by 200. */
  readonly paths: readonly string[];
  readonly accept: string;
  readonly connections: number;
  readonly seconds: number;
}

/**
 * Answers a second, over connections that are kept. It reads no more of an answer than its head, since a client that costs
 * more than the server measures itself: one that turned bodies into text took 33 KB of AVIF ten times slower than 33 KB of ASCII.
 */
export async function rateOfHits({ port, paths, accept, connections, seconds }: HitLoad): Promise<number> {
  const requests = paths.map((path) =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: ${accept}\r\n\r\n`),
  );
  const startedMs = performance.now();
  let sent = 0;
  let answered = 0;

  function nextRequest(): Buffer | undefined {
    if (performance.now() - startedMs >= seconds * 1000) return undefined;
    sent += 1;
    return requests[sent % requests.length];
  }

  function keepAsking(): Promise<void> {
    return new Promise((resolve, reject) => {
      function open(): void {
        const socket = connect({ port, host: '127.0.0.1', noDelay: true });
        let answer: AnswerUnderWay | null = null;
        const ask = () => {
          const request = nextRequest();
          answer = null;
          if (request === undefined) socket.end(resolve);
          else socket.write(request);
        };
        socket.on('connect', ask);
        socket.on('error', reject);
        socket.on('data', (chunk) => {
          try {
            if (answer === null) answer = readHead(chunk);
            else answer.leftBytes -= chunk.length;
          } catch (error) {
            socket.destroy(error as Error);
            return;
          }
          if (answer.leftBytes > 0) return;
          answered += 1;
          if (!answer.isLast) ask();
          else socket.once('close', open).destroy();
        });
      }
      open();
    });
  }

  await Promise.all(Array.from({ length: connections }, keepAsking));
  return (answered * 1000) / (performance.now() - startedMs);
}

interface AnswerUnderWay {
  /** Of the body, still to come. */
  leftBytes: number;
  /** Whether the server ends the connection with it. */
  readonly isLast: boolean;
}

/** What the first piece of an answer says of the rest; a head of a few hundred bytes comes in one. */
function readHead(piece: Buffer): AnswerUnderWay {
  const bodyAt = piece.indexOf('\r\n\r\n') + 4;
  const head = piece.toString('latin1', 0, bodyAt);
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
  if (!head.startsWith('HTTP/1.1 200') || length === undefined) throw new Error(`not the answer of a hit: ${head}`);
  return { leftBytes: bodyAt + Number(length) - piece.length, isLast: /\r\nconnection: close\r\n/i.test(head) };
}
