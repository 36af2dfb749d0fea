import { readFileSync } from 'node:fs';
import { answerQuestions } from '../machine/questions.ts';
import type { Recording } from '../shop/recorded.ts';
import { createAnswers } from './answers.ts';
import { listen, type Respond, toWire } from './wire.ts';

/** What the services are to do instead of answering at once. */
export interface StubFaults {
  /** Before every answer of every service. */
  readonly delayMs?: number;
  /** Takes requests and never answers. */
  readonly hanging?: string;
  /** Answers every nth request with 503. */
  readonly erring?: { readonly service: string; readonly everyNth: number };
}

export interface StubAddresses {
  readonly services: Readonly<Record<string, string>>;
  readonly jwksUrl: string;
}

const healthy = toWire(200, ['content-type: application/json'], '{"status":"ok"}');
const failed = toWire(
  503,
  ['content-type: application/problem+json'],
  '{"title":"A fault that was asked for","status":503}',
);

let faults: StubFaults = {};
let calls: Record<string, number> = {};

function serviceOf(name: string, recording: Recording): Respond {
  const find = createAnswers(recording);
  let asked = 0;
  return (target, send) => {
    // Health checks are the BFF's own business: not counted, and a hanging service's health hangs too.
    const isHealth = target === '/health';
    if (!isHealth) calls[name] = (calls[name] ?? 0) + 1;
    const { delayMs = 0, hanging, erring } = faults;
    if (hanging === name) return;
    if (isHealth) return send(healthy);
    asked += 1;
    const isError = erring?.service === name && asked % erring.everyNth === 0;
    const answer = isError ? failed : find(name, target);
    if (delayMs > 0) setTimeout(send, delayMs, answer);
    else send(answer);
  };
}

answerQuestions({
  async open({ file, names }: { file: string; names: readonly string[] }): Promise<StubAddresses> {
    const recording = JSON.parse(readFileSync(file, 'utf8')) as Recording;
    const services: Record<string, string> = {};
    for (const name of names) services[name] = (await listen(serviceOf(name, recording))).url;
    const jwks = toWire(200, ['content-type: application/json'], recording.jwks);
    const identity = await listen((_target, send) => send(jwks));
    return { services, jwksUrl: `${identity.url}/.well-known/jwks.json` };
  },
  fault(next: StubFaults) {
    faults = next;
  },
  /** Counts since it was asked last. */
  takeCalls(): Record<string, number> {
    const taken = calls;
    calls = {};
    return taken;
  },
});
