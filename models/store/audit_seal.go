package store

import (
	"context"
	"encoding/binary"
	"errors"
	"hash"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// AuditSeal closes a range of settled audit rows: those with from_tx <= tx < to_tx, in the order of (tx, id). Its
// hash covers the previous seal and every row's digest, and is signed with a key the database does not hold.
type AuditSeal struct {
	N         int64     `json:"n" gorm:"primaryKey"`
	FromTx    int64     `json:"from_tx"`
	ToTx      int64     `json:"to_tx"`
	Entries   int64     `json:"entries"`
	Hash      []byte    `json:"hash"`
	Signature []byte    `json:"signature"`
	SealedAt  time.Time `json:"sealed_at"`
}

// TableName is gorm's.
func (AuditSeal) TableName() string { return "audit_seals" }

// sealLock keeps two sealers apart on PostgreSQL; SQLite has one writer.
const sealLock = 0x6f6e657365616c

// sealAtMost bounds one seal. A transaction is never divided, so a seal may be larger by its last transaction.
const sealAtMost = 50_000

// ErrAuditHorizon is a database whose transaction ids have gone backwards, as after a restore from a logical
// dump: new rows would sort below sealed ones. Sealing stops until an operator has moved the counter on
// (pg_resetwal --next-transaction-id above the last seal's to_tx).
var ErrAuditHorizon = errors.New("transaction ids are behind the last audit seal")

// SealAudit seals what has settled since the last seal and hands every new seal to the copies. It returns the
// number of rows sealed; zero when there was nothing, or when another replica is sealing. A row written by a
// transaction that is still open, or younger than one that is, waits: no late commit is skipped.
func (db *DB) SealAudit(ctx context.Context) (int64, error) {
	var total int64
	for {
		n, err := db.sealOnce(ctx)
		total += n
		if err != nil {
			return total, err
		}
		if n < sealAtMost {
			break
		}
	}
	return total, db.copySeals(ctx)
}

func (db *DB) sealOnce(ctx context.Context) (sealed int64, err error) {
	err = db.InTx(ctx, func(ctx context.Context) error {
		if mine, err := db.lockSeals(ctx); err != nil || !mine {
			return err
		}
		var last AuditSeal
		if err := db.q(ctx).Order("n DESC").Limit(1).Find(&last).Error; err != nil {
			return translate(err)
		}
		to, err := db.sealUpTo(ctx, last.ToTx)
		if err != nil || to == last.ToTx {
			return err
		}
		next := AuditSeal{N: last.N + 1, FromTx: last.ToTx, ToTx: to}
		h := newSealHash(last, next)
		rows, err := db.q(ctx).Raw("SELECT digest FROM audit_entries WHERE tx >= ? AND tx < ? ORDER BY tx, id",
			next.FromTx, next.ToTx).Rows()
		if err != nil {
			return translate(err)
		}
		defer rows.Close()
		for rows.Next() {
			var digest []byte
			if err = rows.Scan(&digest); err != nil {
				return translate(err)
			}
			_, _ = h.Write(digest)
			next.Entries++
		}
		if err = rows.Err(); err != nil || next.Entries == 0 {
			return translate(err)
		}
		if next.SealedAt, err = db.Now(ctx); err != nil {
			return err
		}
		next.Hash = h.Sum(nil)
		next.Signature = next.sign(db.audit)
		sealed = next.Entries
		return translate(db.w(ctx).Create(&next).Error)
	})
	if err != nil {
		return 0, err
	}
	return sealed, nil
}

func (db *DB) lockSeals(ctx context.Context) (mine bool, err error) {
	if db.driver == SQLite {
		return true, nil
	}
	err = db.w(ctx).Raw("SELECT pg_try_advisory_xact_lock(?)", int64(sealLock)).Row().Scan(&mine)
	return mine, translate(err)
}

// sealUpTo is where the next seal ends: below every transaction that may still write, and not too far on.
func (db *DB) sealUpTo(ctx context.Context, from int64) (int64, error) {
	settled := "SELECT COALESCE(MAX(tx) + 1, 0) FROM audit_entries"
	if db.driver == Postgres {
		settled = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
	}
	var to int64
	if err := db.q(ctx).Raw(settled).Row().Scan(&to); err != nil {
		return 0, translate(err)
	}
	if db.driver == Postgres && to < from {
		return 0, ErrAuditHorizon
	}
	var ends []int64
	err := db.q(ctx).Raw("SELECT tx FROM audit_entries WHERE tx >= ? AND tx < ? ORDER BY tx, id LIMIT 1 OFFSET ?",
		from, to, sealAtMost-1).Scan(&ends).Error
	if len(ends) > 0 {
		to = ends[0] + 1 // with the whole of the transaction in which the limit falls
	}
	return max(to, from), translate(err)
}

// newSealHash begins a seal's hash with the seal before it and the range it closes.
func newSealHash(last, next AuditSeal) hash.Hash {
	h := sm3.New()
	_, _ = h.Write([]byte("onecard audit seal v1"))
	_, _ = h.Write(int64s(next.N, next.FromTx, next.ToTx, int64(len(last.Hash))))
	_, _ = h.Write(last.Hash)
	return h
}

func (s AuditSeal) sign(keys auditKeys) []byte {
	return mac(keys.seal, int64s(s.N, s.FromTx, s.ToTx, s.Entries, s.SealedAt.UnixMicro()), s.Hash)
}

func int64s(ns ...int64) []byte {
	var b []byte
	for _, n := range ns {
		b = binary.BigEndian.AppendUint64(b, uint64(n)) // bits, not a number
	}
	return b
}

// AuditUnsealedSince is the instant of the oldest row not yet sealed; the zero time when all are. A sealer that
// falls behind (a transaction left open for long holds it up) is an alarm.
func (db *DB) AuditUnsealedSince(ctx context.Context) (time.Time, error) {
	var at []time.Time
	err := db.q(ctx).Raw(`SELECT at FROM audit_entries WHERE tx >= (SELECT COALESCE(MAX(to_tx), 0) FROM audit_seals)
		ORDER BY tx, id LIMIT 1`).Scan(&at).Error
	if err != nil || len(at) == 0 {
		return time.Time{}, translate(err)
	}
	return at[0].UTC(), nil
}
