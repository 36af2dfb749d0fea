import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findFreePort } from './free-port.ts';
import { findRedisProgram } from './redis-program.ts';
import type { RedisServer } from './redis-server.ts';

/** A sentinel that watches one leader and its followers. */
export interface RedisSentinel {
  readonly port: number;
  readonly leaderName: string;
  /** Promotes a follower, and returns once the sentinel names it as the leader. */
  failOver(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a sentinel over this leader; its followers must have caught up. */
export async function startRedisSentinel(leader: RedisServer, followers: number): Promise<RedisSentinel> {
  const program = await findRedisProgram();
  const folder = await mkdtemp(join(tmpdir(), 'redis-sentinel-'));
  const port = await findFreePort();
  const leaderName = 'shop';
  const file = join(folder, 'sentinel.conf');
  await writeFile(
    file,
    [
      'bind 127.0.0.1',
      `port ${port}`,
      `sentinel monitor ${leaderName} ${leader.host} ${leader.port} 1`,
      `sentinel down-after-milliseconds ${leaderName} 60000`,
      `sentinel failover-timeout ${leaderName} 10000`,
    ].join('\n'),
  );
  const running = program.start([file, '--sentinel']);
  const client = new Redis({ port, retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < 1000; attempt += 1) {
      if (await isSo()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('The sentinel did not get there within 20 s.');
  }

  const leaderPort = async (): Promise<string> =>
    String(await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', leaderName)).split(',')[1] ?? '';

  await until(async () => ((await client.call('SENTINEL', 'REPLICAS', leaderName)) as unknown[]).length === followers);
  return {
    port,
    leaderName,
    async failOver() {
      const before = await leaderPort();
      // Right after its start it knows too little of the followers to choose one, and says so.
      await until(() =>
        client.call('SENTINEL', 'FAILOVER', leaderName).then(
          () => true,
          () => false,
        ),
      );
      await until(async () => (await leaderPort()) !== before);
    },
    async close() {
      client.disconnect();
      await running.signal('SIGKILL');
      await running.exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
