import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { answerQuestions } from './questions.ts';

/** What a process says of itself. */
export interface Usage {
  /** User and system time of all its threads since it began, in microseconds. */
  readonly cpuUs: number;
  readonly rssBytes: number;
}

/** Read after a full collection. */
export interface Memory {
  readonly heapBytes: number;
  readonly rssBytes: number;
}

let session: Session | null = null;

// Loaded before a server's own entry, whichever server it is: the entry stays as it is in production.
answerQuestions({
  usage(): Usage {
    const { user, system } = process.cpuUsage();
    return { cpuUs: user + system, rssBytes: process.memoryUsage.rss() };
  },
  memory(): Memory {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    // The second run takes what finalizers of the first have let go.
    collect();
    collect();
    return { heapBytes: process.memoryUsage().heapUsed, rssBytes: process.memoryUsage.rss() };
  },
  async startProfile({ intervalUs }: { intervalUs: number }) {
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: intervalUs });
    await session.post('Profiler.start');
  },
  async stopProfile() {
    if (session === null) throw new Error('No profile was started.');
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return profile;
  },
});
