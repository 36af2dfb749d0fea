import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

/** An identity provider as a test needs it: its keys change, vanish or cannot be had, and it signs whatever it is told. */
export interface IdentityProvider {
  readonly settings: {
    readonly jwksUrl: string;
    readonly issuer: string;
    readonly audience: string;
    readonly algorithm: string;
  };
  fetchKeys(): Promise<unknown>;
  /** How often the keys were fetched. */
  readonly fetches: number;
  /** From now on fetching fails; or no longer. */
  setDown(isDown: boolean): void;
  /** Adds a key that signs from now on; with `drop` the former ones leave the set. */
  rotate(options?: { readonly drop?: boolean }): Promise<void>;
  /** A token that is valid but for what is overridden; `undefined` removes a member. */
  sign(claims?: JWTPayload, header?: Record<string, unknown>): Promise<string>;
  /** The public key in PEM, as an attacker has it. */
  publicJwk(): Promise<Record<string, unknown>>;
}

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

export async function createIdentityProvider(
  nowSeconds: () => number = () => Math.floor(Date.now() / 1000),
): Promise<IdentityProvider> {
  let keys: { kid: string; pair: KeyPair }[] = [
    { kid: 'key-1', pair: await generateKeyPair('ES256', { extractable: true }) },
  ];
  let isDown = false;
  let fetches = 0;
  let serial = 1;

  function current(): { kid: string; pair: KeyPair } {
    const key = keys.at(-1);
    if (key === undefined) throw new Error('the provider has no key');
    return key;
  }

  return {
    settings: {
      jwksUrl: 'http://identity.invalid/jwks.json',
      issuer: 'https://identity.shop.example',
      audience: 'shop',
      algorithm: 'ES256',
    },
    async fetchKeys() {
      fetches += 1;
      if (isDown) throw new Error('connection refused');
      return {
        keys: await Promise.all(
          keys.map(async ({ kid, pair }) => ({ ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256', use: 'sig' })),
        ),
      };
    },
    get fetches() {
      return fetches;
    },
    setDown(value) {
      isDown = value;
    },
    async rotate({ drop = false } = {}) {
      serial += 1;
      const key = { kid: `key-${serial}`, pair: await generateKeyPair('ES256', { extractable: true }) };
      keys = drop ? [key] : [...keys, key];
    },
    sign(claims = {}, header = {}) {
      const { kid, pair } = current();
      const payload = {
        iss: 'https://identity.shop.example',
        aud: 'shop',
        sub: 'user-1',
        scope: 'shop:read shop:write',
        iat: nowSeconds(),
        exp: nowSeconds() + 3600,
        ...claims,
      };
      return new SignJWT(JSON.parse(JSON.stringify(payload)) as JWTPayload)
        .setProtectedHeader(JSON.parse(JSON.stringify({ alg: 'ES256', kid, ...header })) as { alg: string })
        .sign(pair.privateKey);
    },
    async publicJwk() {
      return { ...(await exportJWK(current().pair.publicKey)) };
    },
  };
}
