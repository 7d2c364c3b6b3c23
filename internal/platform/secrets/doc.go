// Package secrets keeps passwords, tokens and keys that Mainstay uses on its
// users' behalf, sealed at rest, and masks them wherever output is shown.
//
// A value goes in through Put or PUT /secrets/{name} and is sealed with
// XChaCha20-Poly1305, bound to its name and version, under the first key of the
// Keyring. Documents refer to it as "secret:name" (or "secret:name@2"); Resolve
// opens it at the moment of use, records who used it, and refuses a use on
// behalf of another team. The API never returns a value.
//
// The keys are in the file secret.key of the data directory (mode 0600) or in
// the environment, never in the database: a copy of the database opens nothing.
// Rotate makes a new key and seals everything again; at every moment of it the
// key file holds all keys that are needed.
package secrets
