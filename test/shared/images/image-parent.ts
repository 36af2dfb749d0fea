// A server with an image process, to be killed, or told by SIGTERM to exit; prints the id of the image process.
import { startImageProcess } from '../../../shared/images/image-process.ts';

const directory = process.argv[2];
if (directory === undefined) throw new Error('usage: image-parent.ts <folder>');
const images = await startImageProcess(
  {
    host: '127.0.0.1',
    port: 0,
    basePath: '/images',
    keys: [{ id: 'a', secret: 'a'.repeat(32) }],
    widths: [64],
    origins: [],
    privateOrigins: [],
    cacheDirectory: directory,
  },
  { thumbhashes: { set: async () => {} } },
);
process.on('SIGTERM', () => process.exit(0));
process.stdout.write(`${images.pid}\n`);
