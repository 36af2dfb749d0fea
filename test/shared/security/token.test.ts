import { createHmac, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createTokenVerifier } from '../../../shared/security/token.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createIdentityProvider } from './identity-provider.ts';

async function setUp() {
  const clock = createFakeClock();
  const identity = await createIdentityProvider(() => Math.floor(clock.wallMs() / 1000));
  const verifier = createTokenVerifier({ ...identity.settings, clock, fetchKeys: () => identity.fetchKeys() });
  const verify = async (token: string | Promise<string>) => verifier.verify(`Bearer ${await token}`);
  return { clock, identity, verifier, verify, nowSeconds: () => Math.floor(clock.wallMs() / 1000) };
}

const refused = { code: 'UNAUTHENTICATED' };

function segment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('a token', () => {
  it('names its viewer, with scopes and locale', async () => {
    const { identity, verifier } = await setUp();
    const authorization = `Bearer ${await identity.sign({ locale: 'de-DE' })}`;
    expect(await verifier.verify(authorization)).toEqual({
      id: 'user-1',
      scopes: new Set(['shop:read', 'shop:write']),
      locale: 'de-DE',
      authorization,
    });
  });

  it('may stand behind several spaces', async () => {
    const { identity, verifier } = await setUp();
    const token = await identity.sign({});
    const viewer = { id: 'user-1', authorization: `Bearer ${token}` };
    expect(await verifier.verify(`bearer   ${token}`)).toMatchObject(viewer);
  });

  it('is not asked of an anonymous caller', async () => {
    const { verifier } = await setUp();
    expect(await verifier.verify(undefined)).toBeNull();
    expect(verifier.peek(undefined)).toBeNull();
  });

  it('is accepted up to a minute early or late, for clocks that differ', async () => {
    const { identity, verify, nowSeconds } = await setUp();
    expect(await verify(identity.sign({ exp: nowSeconds() - 59 }))).toMatchObject({ id: 'user-1' });
    expect(await verify(identity.sign({ nbf: nowSeconds() + 59 }))).toMatchObject({ id: 'user-1' });
    expect(await verify(identity.sign({ iat: nowSeconds() + 59 }))).toMatchObject({ id: 'user-1' });
  });

  it('may say that it is a JWT or an access token', async () => {
    const { identity, verify } = await setUp();
    for (const typ of ['JWT', 'at+jwt', 'application/at+jwt']) {
      expect(await verify(identity.sign({}, { typ }))).toMatchObject({ id: 'user-1' });
    }
  });

  it.each([
    ['has expired', (now: number) => ({ exp: now - 61 })],
    ['is not yet valid', (now: number) => ({ nbf: now + 61 })],
    ['was issued in the future', (now: number) => ({ iat: now + 61 })],
    ['is of another issuer', () => ({ iss: 'https://evil.example' })],
    ['is for another audience', () => ({ aud: 'bank' })],
    ['has no exp', () => ({ exp: undefined })],
    ['has no iat', () => ({ iat: undefined })],
    ['has no iss', () => ({ iss: undefined })],
    ['has no aud', () => ({ aud: undefined })],
    ['has no sub', () => ({ sub: undefined })],
    ['has an empty sub', () => ({ sub: '' })],
    ['has a sub of 1 KB', () => ({ sub: 'x'.repeat(1024) })],
  ])('that %s is refused', async (_name, claims) => {
    const { identity, verify, nowSeconds } = await setUp();
    await expect(verify(identity.sign(claims(nowSeconds()) as JWTPayload))).rejects.toMatchObject(refused);
  });

  it.each([
    ['without a kid', { kid: undefined }],
    ['with an empty kid', { kid: '' }],
    ['with a foreign kid', { kid: 'key-99' }],
    ['of another typ', { typ: 'logout+jwt' }],
    ['with a critical extension that nobody knows', { crit: ['x'], x: 1 }],
    ['that brings a jku', { jku: 'https://evil.example/jwks.json' }],
    ['that brings an x5u', { x5u: 'https://evil.example/cert.pem' }],
    ['that brings an x5c', { x5c: ['MIIB'] }],
  ])('%s is refused', async (_name, header) => {
    const { identity, verify } = await setUp();
    const token = await identity.sign({}, header).catch(() => {
      // jose will not sign an unknown "crit": the header is put together by hand, its signature does not matter any more.
      return `${segment({ alg: 'ES256', kid: 'key-1', ...header })}.${segment({ sub: 'user-1' })}.AAAA`;
    });
    await expect(verify(token)).rejects.toMatchObject(refused);
  });

  it.each(['none', 'None', 'NONE', 'nOnE'])('that says alg %s is refused', async (alg) => {
    const { verify, nowSeconds } = await setUp();
    const claims = {
      iss: 'https://identity.shop.example',
      aud: 'shop',
      sub: 'user-2',
      iat: nowSeconds(),
      exp: nowSeconds() + 60,
    };
    await expect(verify(`${segment({ alg, kid: 'key-1' })}.${segment(claims)}.`)).rejects.toMatchObject(refused);
    await expect(verify(`${segment({ alg, kid: 'key-1' })}.${segment(claims)}.AA`)).rejects.toMatchObject(refused);
  });

  it('that is signed by HS256 with the public key as its secret is refused', async () => {
    const { identity, verify, nowSeconds } = await setUp();
    const claims = {
      iss: 'https://identity.shop.example',
      aud: 'shop',
      sub: 'user-2',
      iat: nowSeconds(),
      exp: nowSeconds() + 60,
    };
    const content = `${segment({ alg: 'HS256', kid: 'key-1' })}.${segment(claims)}`;
    const secret = JSON.stringify(await identity.publicJwk());
    const signature = createHmac('sha256', secret).update(content).digest('base64url');
    await expect(verify(`${content}.${signature}`)).rejects.toMatchObject(refused);
  });

  it('that is signed by another algorithm with a key of its own is refused', async () => {
    const { verify, nowSeconds } = await setUp();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const claims = {
      iss: 'https://identity.shop.example',
      aud: 'shop',
      sub: 'user-2',
      iat: nowSeconds(),
      exp: nowSeconds() + 60,
    };
    const content = `${segment({ alg: 'RS256', kid: 'key-1' })}.${segment(claims)}`;
    const signature = createSign('sha256').update(content).sign(privateKey, 'base64url');
    await expect(verify(`${content}.${signature}`)).rejects.toMatchObject(refused);
  });

  it("that is signed by another algorithm with a key of the provider's is refused", async () => {
    const { clock, identity, nowSeconds } = await setUp();
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const verifier = createTokenVerifier({
      ...identity.settings,
      clock,
      fetchKeys: async () => ({ keys: [{ ...(await exportJWK(publicKey)), kid: 'rsa-1' }] }),
    });
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: 'rsa-1' })
      .setIssuer('https://identity.shop.example')
      .setAudience('shop')
      .setSubject('user-2')
      .setIssuedAt(nowSeconds())
      .setExpirationTime(nowSeconds() + 60)
      .sign(privateKey);
    await expect(verifier.verify(`Bearer ${token}`)).rejects.toMatchObject(refused);
  });

  it('that brings the key that signed it is refused', async () => {
    const { verify, nowSeconds } = await setUp();
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const token = new SignJWT({ scope: 'shop:read' })
      .setProtectedHeader({ alg: 'ES256', kid: 'key-1', jwk: await exportJWK(publicKey) })
      .setIssuer('https://identity.shop.example')
      .setAudience('shop')
      .setSubject('user-2')
      .setIssuedAt(nowSeconds())
      .setExpirationTime(nowSeconds() + 60)
      .sign(privateKey);
    await expect(verify(token)).rejects.toMatchObject(refused);
  });

  it('whose claims or signature were changed is refused', async () => {
    const { identity, verify, nowSeconds } = await setUp();
    const [header = '', , signature = ''] = (await identity.sign()).split('.');
    const claims = {
      iss: 'https://identity.shop.example',
      aud: 'shop',
      sub: 'user-2',
      iat: nowSeconds(),
      exp: nowSeconds() + 60,
    };
    await expect(verify(`${header}.${segment(claims)}.${signature}`)).rejects.toMatchObject(refused);
    const [, payload = ''] = (await identity.sign()).split('.');
    await expect(verify(`${header}.${payload}.${'A'.repeat(86)}`)).rejects.toMatchObject(refused);
  });

  it.each([
    ['nothing', 'Bearer'],
    ['an empty token', 'Bearer '],
    ['two segments', 'Bearer aaaa.bbbb'],
    ['five segments', 'Bearer a.b.c.d.e'],
    ['another scheme', 'Basic dXNlcjpwYXNz'],
    ['two tokens', 'Bearer a.b.c, Bearer d.e.f'],
    ['spaces around', 'Bearer  a.b.c'],
    ['100 KB', `Bearer a.b.${'c'.repeat(100_000)}`],
    ['an empty header', ''],
    ['what is no base64url', 'Bearer a+b/c.d=.e'],
  ])('is not %s', async (_name, authorization) => {
    const { identity, verifier } = await setUp();
    await expect(verifier.verify(authorization)).rejects.toMatchObject(refused);
    expect(identity.fetches).toBe(0);
  });

  it('that is refused gets the same words whatever the reason, and the reason for the audit log', async () => {
    const { identity, verify, nowSeconds } = await setUp();
    const errors = await Promise.all(
      [{ exp: nowSeconds() - 100 }, { aud: 'bank' }].map((claims) =>
        verify(identity.sign(claims)).catch(
          (error: unknown) => error as { message: string; problem: { reason: string } },
        ),
      ),
    );
    expect(new Set(errors.map((error) => error && 'message' in error && error.message)).size).toBe(1);
    expect(errors.map((error) => error && 'problem' in error && error.problem.reason)).toEqual([
      expect.stringContaining('exp'),
      expect.stringContaining('aud'),
    ]);
  });
});

describe('a verified token', () => {
  it('is known for a minute and then checked again', async () => {
    const { clock, identity, verifier } = await setUp();
    const authorization = `Bearer ${await identity.sign()}`;
    expect(verifier.peek(authorization)).toBeUndefined();
    await verifier.verify(authorization);
    await clock.advance(59_999);
    expect(verifier.peek(authorization)).toMatchObject({ id: 'user-1' });
    await clock.advance(1);
    expect(verifier.peek(authorization)).toBeUndefined();
    expect(await verifier.verify(authorization)).toMatchObject({ id: 'user-1' });
  });

  it('is known no longer than it is valid', async () => {
    const { clock, identity, verifier, nowSeconds } = await setUp();
    const authorization = `Bearer ${await identity.sign({ exp: nowSeconds() + 10 })}`;
    await verifier.verify(authorization);
    await clock.advance(10_000);
    expect(verifier.peek(authorization)).toBeUndefined();
    await clock.advance(60_000);
    await expect(verifier.verify(authorization)).rejects.toMatchObject(refused);
  });

  it('is still known after the wall clock jumps back', async () => {
    const { clock, identity, verifier } = await setUp();
    const authorization = `Bearer ${await identity.sign()}`;
    await verifier.verify(authorization);
    clock.jumpWall(-3_600_000);
    expect(verifier.peek(authorization)).toMatchObject({ id: 'user-1' });
    await clock.advance(60_000);
    expect(verifier.peek(authorization)).toBeUndefined();
  });

  it('is forgotten when the keys change', async () => {
    const { clock, identity, verifier } = await setUp();
    const authorization = `Bearer ${await identity.sign()}`;
    await verifier.verify(authorization);
    await identity.rotate({ drop: true });
    await clock.advance(30_000);
    await verifier.verify(`Bearer ${await identity.sign()}`);
    expect(verifier.peek(authorization)).toBeUndefined();
    await expect(verifier.verify(authorization)).rejects.toMatchObject(refused);
  });

  it('leaves when too many others are known', async () => {
    const identity = await createIdentityProvider();
    const verifier = createTokenVerifier({ ...identity.settings, maxTokens: 2, fetchKeys: () => identity.fetchKeys() });
    const tokens = await Promise.all(['a', 'b', 'c'].map(async (sub) => `Bearer ${await identity.sign({ sub })}`));
    for (const token of tokens) await verifier.verify(token);
    expect(tokens.map((token) => verifier.peek(token)?.id)).toEqual([undefined, 'b', 'c']);
  });
});

describe('the identity provider', () => {
  it('is asked once for 1000 random key ids in 30 s, and once more after that', async () => {
    const { clock, identity, verify } = await setUp();
    for (let index = 0; index < 1000; index += 1) {
      const token = `${segment({ alg: 'ES256', kid: randomUUID() })}.${segment({ sub: 'user-1' })}.AAAA`;
      await expect(verify(token)).rejects.toMatchObject(refused);
      await clock.advance(29);
    }
    expect(identity.fetches).toBe(1);
    await clock.advance(1000);
    await expect(verify(`${segment({ alg: 'ES256', kid: 'other' })}.e30.AAAA`)).rejects.toMatchObject(refused);
    expect(identity.fetches).toBe(2);
  });

  it('is asked once by 100 callers at the same instant', async () => {
    const { identity, verify } = await setUp();
    const tokens = await Promise.all(
      Array.from({ length: 100 }, (_, index) => identity.sign({ sub: `user-${index}` })),
    );
    const viewers = await Promise.all(tokens.map((token) => verify(token)));
    expect(viewers.map((viewer) => viewer?.id)).toEqual(tokens.map((_, index) => `user-${index}`));
    expect(identity.fetches).toBe(1);
  });

  it('may rotate its keys: a new key is fetched when it is first seen', async () => {
    const { clock, identity, verify } = await setUp();
    await verify(identity.sign());
    await identity.rotate();
    await clock.advance(30_000);
    expect(await verify(identity.sign({ sub: 'user-2' }))).toMatchObject({ id: 'user-2' });
    expect(identity.fetches).toBe(2);
  });

  it('is asked again in the background once its keys are 10 minutes old, and a revoked key no longer counts', async () => {
    const { clock, identity, verify } = await setUp();
    const old = await identity.sign({ exp: Math.floor(clock.wallMs() / 1000) + 7200 });
    await verify(old);
    await identity.rotate({ drop: true });
    await clock.advance(600_001);
    // This caller does not wait for the refresh; whoever comes after it has the new keys.
    expect(await verify(old)).toMatchObject({ id: 'user-1' });
    await clock.advance(0);
    expect(identity.fetches).toBe(2);
    await expect(verify(old)).rejects.toMatchObject(refused);
  });

  it('may be down: known keys work, unknown ones are refused, and it is asked once in 30 s', async () => {
    const { clock, identity, verify, nowSeconds } = await setUp();
    const known = await identity.sign({ exp: nowSeconds() + 36_000 });
    await verify(known);
    identity.setDown(true);
    await identity.rotate();
    await clock.advance(3_600_000);
    const before = identity.fetches;
    for (let index = 0; index < 29; index += 1) {
      expect(await verify(known)).toMatchObject({ id: 'user-1' });
      await expect(verify(identity.sign({ sub: `user-${index}` }))).rejects.toMatchObject(refused);
      await clock.advance(1000);
    }
    expect(identity.fetches).toBe(before + 1);
    identity.setDown(false);
    await clock.advance(1000);
    expect(await verify(identity.sign())).toMatchObject({ id: 'user-1' });
  });

  it('may be down for a day, then even known keys end', async () => {
    const { clock, identity, verify, nowSeconds } = await setUp();
    const known = await identity.sign({ exp: nowSeconds() + 360_000 });
    await verify(known);
    identity.setDown(true);
    await clock.advance(86_400_001);
    await expect(verify(known)).rejects.toMatchObject({ code: 'DOWNSTREAM_UNAVAILABLE' });
  });

  it('may be down from the start: no token can be judged, and the client is told to try again', async () => {
    const { clock, identity, verifier, verify } = await setUp();
    identity.setDown(true);
    await verifier.warm();
    await expect(verify(identity.sign())).rejects.toMatchObject({
      code: 'DOWNSTREAM_UNAVAILABLE',
      retryAfterSeconds: 30,
    });
    expect(await verifier.verify(undefined)).toBeNull();
    expect(identity.fetches).toBe(1);
    identity.setDown(false);
    await clock.advance(30_000);
    expect(await verify(identity.sign())).toMatchObject({ id: 'user-1' });
  });

  it('is given 5 s to answer', async () => {
    const clock = createFakeClock();
    const identity = await createIdentityProvider(() => Math.floor(clock.wallMs() / 1000));
    let signal: AbortSignal | undefined;
    const verifier = createTokenVerifier({
      ...identity.settings,
      clock,
      fetchKeys: (given) => {
        signal = given;
        return new Promise((_resolve, reject) => given.addEventListener('abort', () => reject(given.reason as Error)));
      },
    });
    const outcome = verifier.verify(`Bearer ${await identity.sign()}`).catch((error: unknown) => error);
    await clock.advance(4999);
    expect(signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(await outcome).toMatchObject({ code: 'DOWNSTREAM_UNAVAILABLE' });
  });

  it.each([
    ['HTML', '<html>'],
    ['an empty set', { keys: [] }],
    ['keys without ids', { keys: [{ kty: 'EC' }] }],
    ['nothing', undefined],
  ])('that answers with %s counts as down', async (_name, document) => {
    const identity = await createIdentityProvider();
    const verifier = createTokenVerifier({ ...identity.settings, fetchKeys: async () => document });
    await expect(verifier.verify(`Bearer ${await identity.sign()}`)).rejects.toMatchObject({
      code: 'DOWNSTREAM_UNAVAILABLE',
    });
  });
});
