/** WordPress in a pod that really runs: as a visitor sees it, and from the inside. */
import { expect } from 'chai';
import type { SandboxStatus } from '../../src/sandbox/status.ts';
import { request, send, type Answer } from './firewall/requests.ts';
import type { Product } from './product.ts';

const CONTENT = '/var/www/html/wp-content';
const SERVER = ['-n', 'apps-wordpress', 'deployment/wordpress-server', '-c', 'server', '--'];

export interface RealWordPress {
  /** As the internet asks: at the load balancer, which this machine reaches by a port of its own. */
  ask(path: string): Promise<Answer>;
  /** The page that comes from the database. */
  expectPage(): Promise<void>;
  password(): Promise<string>;
  /** One value, by the app's own variables and its own driver; or what the server says. */
  query(database: string, query: string, password?: string): Promise<string>;
  /** Writes a file of so many random bytes, as somebody's photo. */
  upload(bytes: number): Promise<void>;
  /** A checksum for every file of its volume. */
  files(): Promise<string>;
}

export function realWordPress(product: Product, title: string): RealWordPress {
  const exec = (args: readonly string[], stdin?: string): Promise<string> =>
    product.kubectl(['exec', ...(stdin === undefined ? [] : ['-i']), ...SERVER, ...args], stdin);
  /** The program goes in by stdin: what is in it is no argument. */
  const php = (program: string): Promise<string> => exec(['php'], `<?php ${program}`);

  async function ask(path: string): Promise<Answer> {
    const { status } = await product.result<{ status: SandboxStatus }>(['sandbox', 'status']);
    const forward = status.forwards.find(({ service, address }) => service === 'infra/traefik' && /:80$/.test(address));
    expect(forward, JSON.stringify(status.forwards)).to.not.equal(undefined);
    return send(
      Number(forward?.loopback.split(':')[1]),
      request('GET', path, { headers: { 'Accept-Encoding': 'identity' } }),
    );
  }

  return {
    ask,
    expectPage: async () => {
      const { status, text } = await ask('/');
      expect(status, text).to.equal(200);
      expect(text).to.contain(`<title>${title}`).and.contain('wp-content');
    },
    password: () => php('echo getenv("WORDPRESS_DB_PASSWORD");'),
    query: (database, query, password) =>
      php(
        `mysqli_report(MYSQLI_REPORT_OFF);
         [$host, $port] = explode(":", getenv("WORDPRESS_DB_HOST"));
         $password = ${password === undefined ? 'getenv("WORDPRESS_DB_PASSWORD")' : JSON.stringify(password)};
         $db = mysqli_init();
         $open = @$db->real_connect($host, getenv("WORDPRESS_DB_USER"), $password, ${JSON.stringify(database)}, (int) $port, null, MYSQLI_CLIENT_SSL);
         echo $open ? $db->query(${JSON.stringify(query)})->fetch_row()[0] : $db->connect_error;`,
      ),
    upload: async (bytes) => {
      const folder = `${CONTENT}/uploads/2026`;
      await exec(['sh', '-c', `mkdir -p ${folder} && head -c ${String(bytes)} /dev/urandom >${folder}/photo.jpg`]);
    },
    files: () => exec(['sh', '-c', `cd ${CONTENT} && find . -type f | sort | xargs -d '\\n' sha256sum`]),
  };
}
