import { connect, type Socket } from 'node:net';

/** An answer as it came over the socket, nothing interpreted but the framing. */
export interface RawAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Sends bytes as they are, which no HTTP client would, and reads what comes until the server ends or `answers` are complete. */
export async function sendRaw(port: number, bytes: string | Buffer, answers = 1): Promise<readonly RawAnswer[]> {
  const socket = await open(port);
  try {
    socket.write(bytes);
    return await readAnswers(socket, answers);
  } finally {
    socket.destroy();
  }
}

export function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

export function readAnswers(socket: Socket, count = 1): Promise<readonly RawAnswer[]> {
  return new Promise((resolve, reject) => {
    let text = '';
    const finish = () => {
      const found = parse(text);
      if (found.length >= count) resolve(found);
    };
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
      finish();
    });
    socket.once('close', () => resolve(parse(text)));
    socket.once('error', reject);
  });
}

function parse(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return answers;
    const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const length = Number(headers.get('content-length') ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    if (body.length < length) return answers;
    const status = Number(statusLine.split(' ')[1]);
    rest = rest.slice(end + 4 + length);
    // 100 Continue comes before the answer.
    if (status >= 200) answers.push({ status, headers, body: Buffer.from(body, 'latin1').toString('utf8') });
  }
}
