/** The shapes that every route of the simulated API speaks: requests, replies, errors and pages, as DigitalOcean words them. */
import type { z } from 'zod';

export interface ApiRequest {
  readonly method: string;
  /** `http://127.0.0.1:<port>`, for links. */
  readonly origin: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The JSON body, `{}` when there is none. */
  readonly body: unknown;
}

export interface Reply {
  readonly status: number;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead of a body. */
  readonly text?: { readonly type: string; readonly content: string };
}

export type Handler = (request: ApiRequest) => Reply | Promise<Reply>;

export interface Route {
  readonly method: string;
  /** Segments that start with a colon are parameters. */
  readonly path: string;
  readonly handle: Handler;
}

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const created = (body: unknown): Reply => ({ status: 201, body });
export const accepted = (body?: unknown): Reply => ({ status: 202, body });
export const noContent: Reply = { status: 204 };

/** An answer that is an error. */
export class ApiError extends Error {
  readonly status: number;
  readonly id: string;
  constructor(status: number, id: string, message: string) {
    super(message);
    this.status = status;
    this.id = id;
  }
}

export const unauthorized = (): ApiError => new ApiError(401, 'unauthorized', 'Unable to authenticate you.');
export const forbidden = (message: string): ApiError => new ApiError(403, 'forbidden', message);
export const notFound = (): ApiError =>
  new ApiError(404, 'not_found', 'The resource you were accessing could not be found.');
export const conflict = (message: string): ApiError => new ApiError(409, 'conflict', message);
export const preconditionFailed = (message: string): ApiError => new ApiError(412, 'precondition_failed', message);
export const unprocessable = (message: string): ApiError => new ApiError(422, 'unprocessable_entity', message);
export const badRequest = (message: string): ApiError => new ApiError(400, 'bad_request', message);
export const tooManyRequests = (): ApiError => new ApiError(429, 'too_many_requests', 'API Rate limit exceeded.');
export const serverError = (): ApiError => new ApiError(500, 'server_error', 'Unexpected server-side error');

/** The body as the schema wants it; 422 otherwise. Clients send `null` for what they leave out, so nulls are dropped first. */
export function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(withoutNulls(body));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw unprocessable(
    issue === undefined ? 'request payload validation failed' : `${issue.path.join('.')}: ${issue.message}`,
  );
}

function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== null));
}

/** One page of a list under its key, with `links` and `meta`. */
export function page(request: ApiRequest, key: string, all: readonly unknown[]): Reply {
  const size = clamp(request.query.get('per_page'), 20, 200);
  const number = clamp(request.query.get('page'), 1, Number.MAX_SAFE_INTEGER);
  const last = Math.max(1, Math.ceil(all.length / size));
  const link = (to: number): string => {
    const query = new URLSearchParams(request.query);
    query.set('page', String(to));
    query.set('per_page', String(size));
    return `${request.origin}${request.path}?${query.toString()}`;
  };
  const pages = {
    ...(number > 1 && { first: link(1), prev: link(number - 1) }),
    ...(number < last && { next: link(number + 1), last: link(last) }),
  };
  return ok({
    [key]: all.slice((number - 1) * size, number * size),
    links: last > 1 ? { pages } : {},
    meta: { total: all.length },
  });
}

function clamp(text: string | null, otherwise: number, most: number): number {
  const value = Number(text);
  return text !== null && Number.isInteger(value) && value >= 1 ? Math.min(value, most) : otherwise;
}
