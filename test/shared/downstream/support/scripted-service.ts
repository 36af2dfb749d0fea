import type { Dispatcher } from 'undici';
import type { InstanceSource } from '../../../../shared/downstream/discovery.ts';
import { createDownstream, type DownstreamClient } from '../../../../shared/downstream/downstream-client.ts';
import type { DownstreamEvents } from '../../../../shared/downstream/events.ts';
import type { InstancePool } from '../../../../shared/downstream/instance-pool.ts';
import type { ServicePolicy } from '../../../../shared/downstream/policy.ts';
import type { FakeClock } from '../../../support/fake-clock.ts';

/** What an instance does with one request: answers, or breaks, after a while; or never does anything. */
export type Reaction =
  | {
      readonly status: number;
      readonly afterMs?: number;
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
    }
  | { readonly error: string; readonly afterMs?: number; readonly isUnsent?: boolean }
  | 'hang';

export interface ReceivedRequest {
  readonly instance: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly atMs: number;
  /** Set once the client has given it up. */
  isAborted: boolean;
}

export interface ScriptedService {
  readonly downstream: DownstreamClient;
  readonly received: ReceivedRequest[];
  /** Called for each request; what it returns happens. */
  react: (request: ReceivedRequest, index: number) => Reaction;
}

export interface ScriptOptions {
  readonly clock: FakeClock;
  readonly policy?: Partial<ServicePolicy>;
  readonly instances?: readonly string[];
  /** In the place of a list of these. */
  readonly source?: InstanceSource;
  readonly events?: DownstreamEvents;
  readonly random?: () => number;
}

/** A service named `shop` whose far side of the wire is a script on a fake clock; everything on this side is real. */
export function createScriptedService(options: ScriptOptions): ScriptedService {
  const { clock } = options;
  const received: ReceivedRequest[] = [];
  const names = options.instances ?? ['a'];

  const script: ScriptedService = {
    received,
    react: () => ({ status: 200, body: {} }),
    downstream: createDownstream({
      clock,
      services: {
        shop: {
          instances: options.source ?? { kind: 'urls', urls: names.map((name) => `http://${name}`) },
          policy: { healthCheckIntervalMs: 0, ...options.policy },
        },
      },
      ...(options.events && { events: options.events }),
      random: options.random ?? (() => 0.5),
      openPool: (address) => openScriptedPool(address.id),
    }),
  };

  function openScriptedPool(instance: string): InstancePool {
    return {
      dispatch(request, handler) {
        const headers: Record<string, string> = {};
        const list = request.headers as string[];
        for (let i = 0; i < list.length; i += 2) headers[list[i] ?? ''] = list[i + 1] ?? '';
        const seen: ReceivedRequest = {
          instance,
          method: request.method,
          path: request.path,
          headers,
          body: request.body,
          atMs: clock.nowMs(),
          isAborted: false,
        };
        received.push(seen);
        play(clock, { reaction: script.react(seen, received.length - 1), handler, seen });
        return true;
      },
      close: () => Promise.resolve(),
      destroy: () => Promise.resolve(),
    };
  }

  return script;
}

interface Scene {
  readonly reaction: Reaction;
  readonly handler: Dispatcher.DispatchHandler;
  readonly seen: ReceivedRequest;
}

function play(clock: FakeClock, { reaction, handler, seen }: Scene): void {
  let isOver = false;
  const controller: Dispatcher.DispatchController = {
    aborted: false,
    paused: false,
    reason: null,
    abort(reason) {
      if (isOver) return;
      isOver = true;
      seen.isAborted = true;
      handler.onResponseError?.(controller, reason);
    },
    pause() {},
    resume() {},
  };
  const isSent = reaction === 'hang' || !('isUnsent' in reaction && reaction.isUnsent);
  if (isSent) handler.onRequestStart?.(controller, {});
  if (reaction === 'hang') return;
  clock.schedule(reaction.afterMs ?? 0, () => {
    if (isOver) return;
    isOver = true;
    if ('error' in reaction) {
      handler.onResponseError?.(controller, Object.assign(new Error(reaction.error), { code: reaction.error }));
      return;
    }
    const headers = { 'content-type': 'application/json', ...reaction.headers };
    handler.onResponseStart?.(controller, reaction.status, headers);
    handler.onResponseData?.(controller, Buffer.from(JSON.stringify(reaction.body ?? {})));
    handler.onResponseEnd?.(controller, {});
  });
}
