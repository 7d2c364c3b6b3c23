// Package identity keeps who may sign in and how: users, teams, roles,
// sessions, API tokens, second factors and sign-in through an OpenID provider.
// Package auth is its vocabulary and is imported by every route; this package
// is behind the routes.
//
// The path of a request: Middleware finds a session cookie or a bearer token,
// looks its hash up (in a cache of a few seconds, then in SQL), and puts the
// auth.Principal in the context. The route's permission is checked by httpapi.
//
// What holds:
//   - Passwords are argon2id hashes. At most Configuration.Hashing are computed
//     at once and a bounded number wait, so a storm of sign-ins costs bounded memory.
//   - Session and token secrets are stored as SHA-256 of 256 random bits; what is
//     in the database does not sign in.
//   - A refused sign-in takes the same work and says the same words whether the
//     user exists, the password is wrong or the user is blocked.
//   - A request that changes something with a cookie must come from the
//     console's own origin (Sec-Fetch-Site, or Origin against Host): see csrf.go.
//   - Nobody can hand on a permission that they do not hold.
//
// Tables are named auth_*, and ledger entries auth.*.
package identity
