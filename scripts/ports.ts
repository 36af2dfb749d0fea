import { createServer } from 'node:net';
import { portSettings, type ShopPorts } from './shop-programs.ts';

/** The ports of the demo: the usual ones, or those of the environment. Problems come as lines that say what to do. */
export async function choosePorts(
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ ports: ShopPorts; problems: string[] }> {
  const problems: string[] = [];
  // Pictures that are made elsewhere take no port here.
  const isOurs = (name: keyof ShopPorts) => name !== 'images' || env['IMAGE_PROCESS'] !== 'elsewhere';
  const choose = async (name: keyof ShopPorts): Promise<number> => {
    const { variable, port: usual } = portSettings[name];
    const given = env[variable];
    const port = given === undefined ? usual : Number(given);
    if (!/^\d{1,5}$/.test(String(given ?? usual)) || port < 1 || port > 65_535) {
      problems.push(`${variable} must be a port, a whole number from 1 to 65535.`);
    } else if (isOurs(name) && !(await isPortFree(port))) {
      const other = port > 60_000 ? port - 1000 : port + 1000;
      problems.push(
        `Port ${port} (${name}) is in use: stop the program that listens there, or take another one: ${variable}=${other} npm start`,
      );
    }
    return port;
  };
  const ports = {
    shop: await choose('shop'),
    mobile: await choose('mobile'),
    web: await choose('web'),
    images: await choose('images'),
  };
  return { ports, problems };
}

/** Whether nobody listens on a port of this machine, nor would stand in the way of who wants to. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
