// ipx with the encoder settings of `shared/images/encoding.ts`, which it takes as sharp's own option names.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createIPX, createIPXNodeServer, ipxHttpStorage } from 'ipx';
import sharp from 'sharp';
import { serveMeasured } from './measured.ts';

const encoderSettings = {
  heifEffort: 2,
  heifChromaSubsampling: '4:2:0',
  webpEffort: 4,
  // What `mozjpeg: true` stands for.
  jpegProgressive: true,
  jpegTrellisQuantisation: true,
  jpegOvershootDeringing: true,
  jpegOptimiseScans: true,
  jpegQuantisationTable: 3,
};

serveMeasured(async ({ mediaHost }: { mediaHost: string }) => {
  sharp.cache(false);
  sharp.concurrency(1);
  const ipx = createIPX({
    storage: ipxHttpStorage({ domains: [mediaHost] }),
    // It assigns them to sharp's own, wider than its types say.
    sharpOptions: encoderSettings as object,
  });
  const server = createServer(createIPXNodeServer(ipx));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port };
});
