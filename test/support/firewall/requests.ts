/** Requests byte for byte: half of what a firewall must refuse, no ordinary client would send. */
import { connect } from 'node:net';

export type RawRequest = string | Buffer;

export interface Shape {
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly parts?: readonly {
    readonly name: string;
    readonly content: string | Buffer;
    readonly filename?: string;
    readonly type?: string;
  }[];
}

/** What a browser of today says of itself. */
const BROWSER = {
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Language': 'en-GB,en;q=0.7,fr;q=0.3',
  'Accept-Encoding': 'gzip, deflate, br',
};
const BOUNDARY = '----geckoformboundary6d2f9a3b1c';

export function request(method: string, path: string, shape: Shape = {}): Buffer {
  const [type, body] = bodyOf(shape);
  const headers: Record<string, string> = {
    Host: shape.host ?? 'example.com',
    ...BROWSER,
    ...(type === undefined ? {} : { 'Content-Type': type }),
    ...(body.length > 0 ? { 'Content-Length': String(body.length) } : {}),
    ...shape.headers,
    Connection: 'close',
  };
  const head = [`${method} ${path} HTTP/1.1`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

function bodyOf({ body, form, json, parts }: Shape): [string | undefined, Buffer] {
  if (form !== undefined)
    return ['application/x-www-form-urlencoded', Buffer.from(new URLSearchParams(form).toString())];
  if (json !== undefined) return ['application/json', Buffer.from(JSON.stringify(json))];
  if (parts !== undefined) {
    const chunks = parts.flatMap(({ name, content, filename, type }) => [
      Buffer.from(
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: ${type ?? 'application/octet-stream'}`}\r\n\r\n`,
      ),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ]);
    return [
      `multipart/form-data; boundary=${BOUNDARY}`,
      Buffer.concat([...chunks, Buffer.from(`--${BOUNDARY}--\r\n`)]),
    ];
  }
  return [undefined, Buffer.from(body ?? '')];
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Sends it to a port of this machine. A connection that is closed without an answer has the status 0. */
export function send(port: number, raw: RawRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const done = (): void => resolve({ status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0), text });
    // A firewall that reads megabytes on a busy machine takes its time.
    socket.setTimeout(60_000, () => socket.destroy(new Error('no answer in 60 s')));
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.once('close', done);
    // The answer may come, and the connection go, before the whole request is written.
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? done() : reject(error),
    );
    socket.write(raw);
  });
}
