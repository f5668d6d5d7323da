import { lookup } from 'node:dns/promises';
import { FailedError } from '../errors.ts';
import { Secret } from '../model/secret.ts';
import type { HttpRequest, HttpResponse, Network } from '../ports/network.ts';

const defaultTimeoutMs = 30_000;

export function realNetwork(): Network {
  return { request, resolve };
}

async function request(wanted: HttpRequest): Promise<HttpResponse> {
  const headers = Object.entries(wanted.headers ?? {}).map(([name, value]): [string, string] => [
    name,
    value instanceof Secret ? value.reveal() : value,
  ]);
  try {
    const response = await fetch(wanted.url, {
      method: wanted.method,
      headers,
      body: wanted.body as RequestInit['body'],
      signal: AbortSignal.timeout(wanted.timeoutMs ?? defaultTimeoutMs),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: new Uint8Array(await response.arrayBuffer()),
    };
  } catch (error) {
    const { host } = new URL(wanted.url);
    throw new FailedError('network.noAnswer', {
      message: `${host} did not answer: ${reasonOf(error)}.`,
      hints: ['Check the connection, the proxy variables (HTTPS_PROXY, NO_PROXY) and the address, then try again.'],
    });
  }
}

async function resolve(name: string): Promise<readonly string[]> {
  try {
    const answers = await lookup(name, { all: true });
    return answers.map((answer) => answer.address);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw new FailedError('network.noResolver', {
      message: `The name ${name} could not be looked up: ${reasonOf(error)}.`,
      hints: ['Check the connection and the resolver of this machine, then try again.'],
    });
  }
}

/** The error's own text can quote the whole request; its code or name says enough. */
function reasonOf(error: unknown): string {
  if ((error as Error).name === 'TimeoutError') return 'it took too long';
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return cause?.code ?? code ?? (error as Error).name;
}
