/** Only addresses of this console may follow a sign-in. */
export const inner = (next: string | undefined) => (next && /^\/(?![/\\])/.test(next) && !next.startsWith("/login") ? next : "/");
