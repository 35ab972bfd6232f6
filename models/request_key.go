package models

import "context"

// RequestKey is what the edge read of a write's Idempotency-Key: the operation, the caller's key, and a MAC of the
// body. The decision's transaction writes it first, so the guarantee is the database's (design 5).
type RequestKey struct {
	Operation string
	Key       string
	BodyMAC   []byte
}

type requestKeyKey struct{}

// WithRequestKey hands the key from the edge to the store.
func WithRequestKey(ctx context.Context, k RequestKey) context.Context {
	return context.WithValue(ctx, requestKeyKey{}, k)
}

// RequestKeyFrom is the key of this request, if the caller sent one.
func RequestKeyFrom(ctx context.Context) (RequestKey, bool) {
	k, ok := ctx.Value(requestKeyKey{}).(RequestKey)
	return k, ok && k.Key != ""
}
