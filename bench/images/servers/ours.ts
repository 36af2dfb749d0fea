// The optimiser as the mobile server starts it.
import { startImageServer } from '../../../shared/images/image-server.ts';
import type { ImageSettings } from '../../../shared/images/image-settings.ts';
import { serveMeasured } from './measured.ts';

serveMeasured((settings: ImageSettings) =>
  startImageServer(settings, {
    onThumbhash: () => {},
    onEvent: (event) => {
      if (event.type !== 'counts') process.stderr.write(`${JSON.stringify(event)}\n`);
    },
  }),
);
