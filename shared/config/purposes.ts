import { serviceNames, serviceVariable } from './services.ts';

const service = 'where the service runs: URLs, dns://name:port or registry';

/** What a setting that must be given is for, said where it is missing. */
export const purposes: Readonly<Record<string, string>> = {
  PORT: 'where clients connect',
  ADMIN_PORT: 'where metrics and health are read, never by the public',
  JWKS_URL: 'where the identity provider publishes its keys',
  JWT_ISSUER: 'the "iss" of every token that is believed',
  JWT_AUDIENCE: 'the "aud" of every token that is believed',
  SERVICE_TOKEN: 'the token that this server shows to the services; or SERVICE_TOKEN_FILE with the path of a file',
  ...Object.fromEntries(serviceNames.map((name) => [serviceVariable(name), service])),
  IMAGE_KEYS: 'id:secret, what image URLs are signed with; or IMAGE_KEYS_FILE with the path of a file',
  IMAGE_BASE_URL: 'where phones reach pictures',
};
