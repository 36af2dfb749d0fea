import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { connectRedis, redisConnectionDefaults } from '../../../shared/redis/redis-connection.ts';
import {
  createRedisGateway,
  type RedisGateway,
  type RedisState,
  RedisUnavailableError,
} from '../../../shared/redis/redis-gateway.ts';
import { authority, elsewhere, good } from '../../support/certificates.ts';
import { findFreePort } from '../../support/free-port.ts';
import { startRedisSentinel } from '../../support/redis-sentinel.ts';
import { type RedisServer, startRedisServer } from '../../support/redis-server.ts';

let redis: RedisServer;
let gateways: RedisGateway[] = [];

beforeAll(async () => {
  redis = await startRedisServer();
});
afterAll(() => redis.close());
afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  gateways = [];
});

function open(
  url: string,
  tlsAuthority?: string,
): { gateway: RedisGateway; states: RedisState[]; reasons: string[]; until(state: RedisState): Promise<void> } {
  const states: RedisState[] = [];
  const reasons: string[] = [];
  let changed = (): void => undefined;
  const gateway = createRedisGateway({
    connection: connectRedis({ ...redisConnectionDefaults, url, tlsAuthority }, 'gateway-test'),
    clock: systemClock,
    events: {
      onState(state) {
        states.push(state);
        changed();
      },
      onTrouble: (reason) => void reasons.push(reason),
    },
  });
  gateways.push(gateway);
  const until = (state: RedisState): Promise<void> =>
    new Promise((resolve) => {
      changed = () => states.at(-1) === state && resolve();
      changed();
    });
  return { gateway, states, reasons, until };
}

const getting = (key: string) => (connection: RedisGateway['connection']) => [connection.get(key)];

describe('the gateway to Redis', () => {
  it('runs commands, and settles each for itself', async () => {
    const { gateway, until } = open(redis.url);
    await until('up');
    const replies = await gateway.run(100, (connection) => [
      connection.set('gateway', 'a'),
      connection.get('gateway'),
      connection.lpush('gateway', 'b') as Promise<unknown>,
      connection.get('gateway'),
    ]);
    expect(replies.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });

  it('refuses at once while there is no connection', async () => {
    const { gateway } = open(`redis://127.0.0.1:${await findFreePort()}`);
    await expect(gateway.run(100, getting('x'))).rejects.toThrow(RedisUnavailableError);
    await expect(gateway.run(100, getting('x'))).rejects.toThrow('not to be asked');
  });

  it('finds out by itself that Redis hangs, after one command that was not answered', async () => {
    const { gateway, until } = open(redis.url);
    await until('up');
    await redis.pause();
    const startedAtMs = performance.now();
    await expect(gateway.run(100, getting('x'))).rejects.toThrow('not answered in time');
    await until('open');
    expect(performance.now() - startedAtMs).toBeLessThan(1000);
    await redis.resume();
    await until('up');
  });

  it('is not used while it takes no writes: what others have written over would be read from it', async () => {
    const { gateway, until } = open(redis.url);
    await until('up');
    const writes = () => gateway.run(1000, (connection) => [connection.set('gateway', 'a')]).catch(() => 'refused');
    await redis.command('REPLICAOF', '127.0.0.1', await findFreePort());
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (gateway.isAvailable) return;
        clearInterval(timer);
        resolve();
      }, 5);
    });
    expect(await writes()).toBe('refused');
    await redis.command('REPLICAOF', 'NO', 'ONE');
    await until('up');
    expect(await writes()).toMatchObject([{ status: 'fulfilled' }]);
  });

  it('says once why it cannot be used, and repeats nothing of the URL', async () => {
    await redis.command('CONFIG', 'SET', 'requirepass', 'another');
    const { gateway, reasons } = open(redis.url.replace('127.0.0.1', ':secret-word@127.0.0.1'));
    for (let i = 0; i < 3; i += 1) await new Promise((resolve) => gateway.connection.once('close', resolve));
    await redis.close();
    redis = await startRedisServer();
    expect(reasons[0]).toMatch(/WRONGPASS|AUTH/);
    expect(reasons.filter((reason) => reason === reasons[0])).toHaveLength(1);
    expect(reasons.join()).not.toContain('secret-word');
  });

  it('tells Redis’s own time', async () => {
    const { gateway, until } = open(redis.url);
    await until('up');
    const [seconds] = (await redis.command('TIME')) as [string];
    expect(Math.abs(gateway.nowMs() - Number(seconds) * 1000)).toBeLessThan(2000);
  });

  it('ends its connection when it is closed', async () => {
    const { gateway, until } = open(redis.url);
    await until('up');
    const ended = new Promise((resolve) => gateway.connection.once('end', resolve));
    await gateway.close();
    await ended;
    await expect(gateway.run(100, getting('x'))).rejects.toThrow(RedisUnavailableError);
  });
});

describe('a Redis behind TLS', () => {
  async function startTls(identity: { cert: string; key: string }) {
    const server = createTlsServer(identity, (client) => {
      const upstream = connect({ host: '127.0.0.1', port: redis.port });
      client.pipe(upstream).pipe(client);
      for (const socket of [client, upstream])
        socket.on('error', () => undefined).on('close', () => (client.destroy(), upstream.destroy()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { port, close: () => server.close() };
  }

  it('is used by rediss://', async () => {
    const tls = await startTls(good);
    const { gateway, until } = open(`rediss://127.0.0.1:${tls.port}`, authority);
    await until('up');
    await gateway.run(1000, (connection) => [connection.set('over-tls', 'yes')]);
    expect(await redis.command('GET', 'over-tls')).toBe('yes');
    tls.close();
  });

  it.each([
    ['a certificate for another name', elsewhere, authority],
    ['a certificate of an authority that is not known', good, undefined],
  ])('is not used with %s, nor in plain text', async (_what, identity, known) => {
    const tls = await startTls(identity);
    const { gateway } = open(`rediss://127.0.0.1:${tls.port}`, known);
    const failure = await new Promise<Error>((resolve) => gateway.connection.once('error', resolve));
    expect(failure.message).toMatch(/certificate|altname|self-signed|unable to verify/i);
    expect(gateway.isAvailable).toBe(false);
    tls.close();
  });
});

describe('a Redis behind sentinels', () => {
  it('is found by its leader’s name, and writes are taken by the new leader after a failover (F56)', async () => {
    const [leader, follower] = [await startRedisServer(), await startRedisServer()];
    await follower.replicaOf(leader);
    const sentinel = await startRedisSentinel(leader, 1);
    const { gateway, until } = open(`redis+sentinel://127.0.0.1:${sentinel.port}/${sentinel.leaderName}`);
    await until('up');
    const write = (value: string): Promise<unknown> =>
      gateway.run(1000, (connection) => [connection.set('written', value)]).catch(() => undefined);
    await write('before');
    expect(await leader.command('GET', 'written')).toBe('before');
    await sentinel.failOver();
    // For a moment the old leader takes writes that will be lost; then it refuses them, and the new one is looked up.
    for (let i = 0; i < 500 && (await follower.command('GET', 'written')) !== 'after'; i += 1) {
      await write('after');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await follower.command('GET', 'written')).toBe('after');
    await Promise.all([sentinel.close(), leader.close(), follower.close()]);
  });
});
