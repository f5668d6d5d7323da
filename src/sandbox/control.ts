import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { listenForHttp, type Listening } from './processes/listen.ts';
import type { Sandbox } from './sandbox.ts';
import { messageOf } from '../errors.ts';

export interface ControlOptions {
  /** Who may ask: other people on this machine reach loopback too. */
  readonly key: string;
  readonly sandbox: Pick<Sandbox, 'status' | 'ensureLocalCluster'>;
  readonly stop: () => void;
}

const localCluster = z.object({ context: z.string().min(1).max(200) });

/** The daemon's own endpoint: `GET /status`, `POST /local-clusters`, `POST /stop`. */
export async function startControl({ key, sandbox, stop }: ControlOptions): Promise<Listening> {
  const server = createServer((request, response) => {
    if (!isKey(request.headers.authorization ?? '', key)) return answer(response, 401, { message: 'wrong key' });
    respond(request, response).catch((error: unknown) => {
      answer(response, 500, { message: messageOf(error) });
    });
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (`${request.method ?? ''} ${request.url ?? ''}`) {
      case 'GET /status':
        return answer(response, 200, sandbox.status());
      case 'POST /local-clusters': {
        const wanted = localCluster.safeParse(JSON.parse(await bodyOf(request)));
        if (!wanted.success) return answer(response, 422, { message: 'that is not a name for a context' });
        await sandbox.ensureLocalCluster(wanted.data.context);
        return answer(response, 200, {});
      }
      case 'POST /stop':
        answer(response, 202, {});
        return stop();
      default:
        return answer(response, 404, { message: 'no such path' });
    }
  }

  return await listenForHttp(server, 0);
}

/** Compared by digest, so that neither length nor content shows in the time it takes. */
function isKey(header: string, key: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header), digest(`Bearer ${key}`));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
