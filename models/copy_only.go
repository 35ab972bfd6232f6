package models

import "context"

type copyOnlyKey struct{}

// FromCopyOnly is a context in which nothing is asked of the registry to answer a question: what our copy says is the
// answer. Readings that happen inside a transaction are asked so, since nothing outside is called there.
func FromCopyOnly(ctx context.Context) context.Context {
	return context.WithValue(ctx, copyOnlyKey{}, true)
}

// CopyOnly reports whether ctx is one of FromCopyOnly.
func CopyOnly(ctx context.Context) bool { return ctx.Value(copyOnlyKey{}) != nil }
