import { parseArgs } from 'node:util';
import { measureGraphqlDelay } from './graphql-delay.ts';
import { measureHits } from './hits.ts';
import { measureMemory } from './memory.ts';
import { measureMissCpu } from './miss-cpu.ts';
import { measurePeer } from './peer.ts';
import { cameraPhotographs, serveMedia, shopPhotographs } from './photographs.ts';
import { measureSavings } from './savings.ts';

const usage = `npm run bench:images                          everything, some 20 minutes on two quiet cores
npm run bench:images -- --quick              all but memory, two rounds each, some 4 minutes
npm run bench:images -- --only=miss,hit      of savings, miss, hit, peer, graphql, memory
npm run bench:images -- --rounds=9           more rounds than five
npm run bench:images -- --minutes=2          less of memory than 10 minutes`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(`${usage}\n`);
  process.exit();
}

const rounds = Math.max(1, Number.parseInt(values.rounds ?? (values.quick ? '2' : '5'), 10) || 5);
const minutes = Math.max(0.1, Number.parseFloat(values.minutes) || 10);

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
const isChosen = (name: string) => values.only?.split(',').includes(name) ?? !(values.quick && name === 'memory');
try {
  for (const [name, measure] of Object.entries(measurements)) if (isChosen(name)) await measure();
} finally {
  media.close();
}
