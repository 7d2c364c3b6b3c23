// One way to speak to the server: typed calls, and failures as Problems.

export interface ProblemField {
  field: string;
  rule: string;
}

/** A failure as RFC 9457 tells it. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly fields: ProblemField[];

  constructor(status: number, body: Record<string, unknown>) {
    const title = text(body.title) || (status ? `The server answered ${status}` : "The server cannot be reached");
    // Prometheus' own API tells what is wrong under "error".
    super(text(body.detail) || text(body.error) || title);
    this.name = "Problem";
    this.status = status;
    this.title = title;
    this.code = text(body.code) || (status ? `http_${status}` : "unreachable");
    this.fields = Array.isArray(body.errors)
      ? body.errors.map((e: Record<string, unknown>) => ({
          field: text(e.field) || text(e.location),
          rule: text(e.rule) || text(e.message),
        }))
      : [];
  }
}

const text = (v: unknown) => (typeof v === "string" ? v : "");

export type Query = Record<string, string | number | boolean | string[] | undefined>;

export interface Options {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

type Listener = () => void;
const signedOut = new Set<Listener>();

/** Called when the server no longer knows the session. */
export function onSignedOut(listener: Listener): Listener {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

export function address(path: string, query?: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (Array.isArray(value)) for (const v of value) params.append(key, v);
    else if (value !== undefined && value !== "") params.append(key, String(value));
  }
  const q = params.toString();
  return q ? `${path}?${q}` : path;
}

export async function send(method: string, path: string, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  let body: BodyInit | undefined;
  if (options.body instanceof FormData || options.body instanceof Blob) body = options.body;
  else if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(options.body);
  }
  let response: Response;
  try {
    response = await fetch(address(path, options.query), { method, headers, body, signal: options.signal, credentials: "same-origin" });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new Problem(0, { detail: "Mainstay did not answer. The console keeps trying." });
  }
  if (response.ok) return response;
  let problem: Record<string, unknown> = {};
  try {
    problem = (await response.json()) as Record<string, unknown>;
  } catch {
    // Not every proxy in between speaks JSON: the status has to do.
  }
  if (response.status === 401 && path !== "/api/v1/session") for (const l of signedOut) l();
  throw new Problem(response.status, problem);
}

export async function request<T>(method: string, path: string, options?: Options): Promise<T> {
  const response = await send(method, path, options);
  if (response.status === 204) return undefined as T;
  const raw = await response.text();
  if (!raw) return undefined as T;
  try {
    return JSON.parse(raw) as T;
  } catch {
    // A page instead of data: a proxy in between, or a server without this route.
    throw new Problem(response.status, { code: "not_json", title: "The answer cannot be read", detail: `${path} did not answer with JSON.` });
  }
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal) => request<T>("GET", path, { query, signal });
export const post = <T>(path: string, body?: unknown, headers?: Record<string, string>) =>
  request<T>("POST", path, { body: body ?? {}, headers });
export const patch = <T>(path: string, body: unknown, headers?: Record<string, string>) => request<T>("PATCH", path, { body, headers });
export const put = <T>(path: string, body: unknown, headers?: Record<string, string>) => request<T>("PUT", path, { body, headers });
export const remove = <T>(path: string) => request<T>("DELETE", path);
