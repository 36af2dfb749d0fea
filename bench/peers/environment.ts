/** What the bench tells a peer; a peer's own way of reading its settings is not what is compared. */
export interface PeerEnvironment {
  readonly port: number;
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** Where the services are, by name. */
  readonly services: Readonly<Record<string, string>>;
  /** Whose screen: the phone's or the dashboard's. */
  readonly screen: 'home' | 'dashboard';
  /** Of peers that come in several forms. */
  readonly flavour: string;
}

/** Reads `PEER`, which the bench sets. */
export function readPeerEnvironment(): PeerEnvironment {
  const text = process.env['PEER'];
  if (text === undefined) throw new Error('This is a part of the bench: start it with `npm run bench`.');
  return JSON.parse(text) as PeerEnvironment;
}
