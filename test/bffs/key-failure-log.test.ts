import { expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { startStack } from '../support/stack.ts';

it('an identity provider that is not there is one line with the name of the cause, and no stack', async () => {
  const port = await findFreePort();
  const logLines: string[] = [];
  const stack = await startStack({ logLines, env: { JWKS_URL: `http://127.0.0.1:${port}/keys` } });
  await stack.close();
  const lines = logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.filter(({ msg }) => msg === 'the identity provider did not give its keys')).toEqual(
    ['mobile', 'web'].map((server) => ({
      level: 'warn',
      time: expect.any(String) as unknown,
      server,
      reason: `connect ECONNREFUSED 127.0.0.1:${port}`,
      code: 'ECONNREFUSED',
      msg: 'the identity provider did not give its keys',
    })),
  );
  expect(lines.filter(({ msg }) => msg === 'ending').map(({ manner }) => manner)).toEqual(['now', 'now']);
});
