// Package guard keeps outgoing calls that a user can aim (webhooks, HTTP
// checks, HTTP steps) away from addresses they must not reach: Mainstay's own
// host, the link, the metadata service of a cloud and, unless allowed, private
// networks.
//
// The decision is made on the address the socket is about to connect to, after
// name resolution and again for every redirect, so a name that changes its
// answer between a check and its use gains nothing. Proxies of the environment
// are not used: they would make the connection out of sight.
package guard
