import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { readPeerEnvironment } from '../environment.ts';

/** An answer that was finished beforehand. */
interface FinishedAnswer {
  readonly encoding: string;
  readonly base64: string;
}

const { port, flavour: file } = readPeerEnvironment();
/** By the token that asks for them. */
const finished = JSON.parse(readFileSync(file, 'utf8')) as Record<string, FinishedAnswer>;
const answers = new Map(
  Object.entries(finished).map(([authorization, { encoding, base64 }]) => {
    const body = Buffer.from(base64, 'base64');
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
      ...(encoding === '' ? {} : { 'content-encoding': encoding }),
    };
    return [authorization, { body, headers }];
  }),
);

// The least that a Node process can spend on a request: everything else is measured in addition to it.
createServer((request, response) => {
  const answer = answers.get(request.headers.authorization ?? '');
  if (answer === undefined) response.writeHead(404).end();
  else response.writeHead(200, answer.headers).end(answer.body);
}).listen(port, '127.0.0.1');
