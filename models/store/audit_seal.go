package store

import (
	"context"
	"time"
)

// AuditSeal closes a range of settled audit rows: those with from_tx <= tx < to_tx, in the order of (tx, id). Its
// hash covers the previous seal and every row's digest, and is signed with a key the database does not hold.
type AuditSeal struct {
	N         int64     `json:"n"`
	FromTx    int64     `json:"from_tx"`
	ToTx      int64     `json:"to_tx"`
	Entries   int64     `json:"entries"`
	Hash      []byte    `json:"hash"`
	Signature []byte    `json:"signature"`
	SealedAt  time.Time `json:"sealed_at"`
}

// SealExport receives a seal after its commit, to keep it where the database's owner cannot reach. An error is
// reported by SealAudit, and the seal comes again with the next call.
type SealExport func(ctx context.Context, s AuditSeal) error
