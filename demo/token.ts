import { mintServiceToken, mintToken } from './identity.ts';
import { isUserId, userCount } from './world/users.ts';

const usage = `Name a user of the demo shop, user-1 to user-${userCount}: npm run --silent token -- user-1`;

async function printToken(id: string | undefined): Promise<number> {
  const service = /^service:([a-z0-9-]{1,32})$/.exec(id ?? '')?.[1];
  if (service === undefined && (id === undefined || !isUserId(id))) {
    process.stderr.write(`${id === undefined ? '' : 'The demo shop has no such user. '}${usage}\n`);
    return 1;
  }
  process.stdout.write(`${service === undefined ? await mintToken(id ?? '') : await mintServiceToken(service)}\n`);
  return 0;
}

process.exitCode = await printToken(process.argv[2]);
