/** Its sections ask for what they need themselves. */
export type HomeModel = Readonly<Record<string, never>>;
