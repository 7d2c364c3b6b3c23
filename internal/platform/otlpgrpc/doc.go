// Package otlpgrpc receives OTLP over gRPC (OTLP specification, "OTLP/gRPC"):
// metrics, logs and traces, at a listener of its own.
//
// Every call carries an API token as the metadata "authorization: Bearer ...",
// with the permission that the same data needs over HTTP. What cannot be taken
// of a request is told as a partial success; a store that cannot take anything
// now answers Unavailable, which senders repeat. Messages are bounded before
// and after decompression, and so are connections and calls at once.
package otlpgrpc
