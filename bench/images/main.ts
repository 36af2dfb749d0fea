// npm run bench:images [-- --only savings,miss,hit,peer,graphql,memory] [--rounds 5] [--minutes 10] [--full]
import { parseArgs } from 'node:util';
import { measureGraphqlDelay } from './graphql-delay.ts';
import { measureHits } from './hits.ts';
import { measureMemory } from './memory.ts';
import { measureMissCpu } from './miss-cpu.ts';
import { measurePeer } from './peer.ts';
import { cameraPhotographs, serveMedia, shopPhotographs } from './photographs.ts';
import { measureSavings } from './savings.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'savings,miss,hit,peer,graphql' },
    rounds: { type: 'string', default: '5' },
    minutes: { type: 'string', default: '10' },
    full: { type: 'boolean', default: false },
  },
});
const rounds = Math.max(1, Number.parseInt(values.rounds, 10) || 5);
const minutes = Math.max(0.1, Number.parseFloat(values.minutes) || 10);
const chosen = new Set(values.full ? ['savings', 'miss', 'hit', 'peer', 'graphql', 'memory'] : values.only.split(','));

process.stdout.write(`# Images (Node ${process.version}, ${new Date().toISOString().slice(0, 10)})\n`);
const [camera, shop] = await Promise.all([cameraPhotographs(), shopPhotographs(12)]);
const media = await serveMedia([...camera, ...shop]);
const measurements = {
  savings: () => measureSavings(shop, media),
  miss: () => measureMissCpu(camera, media, rounds),
  hit: () => measureHits(shop, media, rounds),
  peer: () => measurePeer(camera, media, rounds),
  graphql: () => measureGraphqlDelay(camera, media, Math.min(3, rounds)),
  memory: () => measureMemory(camera, media, minutes),
};
try {
  for (const [name, measure] of Object.entries(measurements)) if (chosen.has(name)) await measure();
} finally {
  media.close();
}
