package store

import (
	"context"
	"crypto/hmac"
	"errors"
	"time"

	"onecard/models"
)

// KeptRequests is how long a repeat finds the first result (design 5).
const KeptRequests = 24 * time.Hour

// requestRow ties (actor, operation, key) to the result of the first request. The client's key is kept as an HMAC:
// nothing stops a client from putting a phone number into it.
type requestRow struct {
	BodyMAC  []byte `gorm:"column:body_mac"`
	ResultID string
}

// Remember writes the request key of ctx down with the result that this transaction is about to make, and must be
// the transaction's first write. It returns the id of the first result when the same actor has sent the same key
// and body for the same operation before; ErrKeyReused for another body; ErrInProgress after waiting two seconds
// for the first request, which then takes nothing along. Without a key in ctx, or with no one to tie it to,
// nothing is remembered.
func (db *DB) Remember(ctx context.Context, by models.Actor, table, id string) (prior string, err error) {
	key, ok := models.RequestKeyFrom(ctx)
	actor := requestActor(by)
	if !ok || actor == "" {
		return "", nil
	}
	if db.txFrom(ctx) == nil {
		return "", errors.New("a request is remembered inside the decision's transaction only")
	}
	now := db.stamp() // only the cleaner reads it
	keyMAC := mac(db.idemKey, []byte("key"), []byte(actor), []byte(key.Operation), []byte(key.Key))
	bodyMAC := mac(db.idemKey, []byte("body"), key.BodyMAC)
	res := db.w(ctx).Exec(`INSERT INTO idempotency_keys (actor, operation, key_mac, body_mac, result_table, result_id, created_at)
		VALUES (?,?,?,?,?,?,?) ON CONFLICT (actor, operation, key_mac) DO NOTHING`,
		actor, key.Operation, keyMAC, bodyMAC, table, id, now)
	switch {
	case errors.Is(res.Error, errLockWait):
		return "", models.ErrInProgress.Because(res.Error)
	case res.Error != nil:
		return "", translate(res.Error)
	case res.RowsAffected == 1:
		return "", nil
	}
	prior, err = db.firstResult(ctx, actor, key, keyMAC)
	if errors.Is(err, models.ErrNotFound) { // forgotten between the two statements
		return "", models.ErrInProgress
	}
	return prior, err
}

// Remembered is the id of the first result of the very request that ctx names, or empty where nothing was decided by it. It
// writes nothing, so that a repeat finds its result also where what let the first one ask is over by now. ErrKeyReused.
func (db *DB) Remembered(ctx context.Context, by models.Actor) (prior string, err error) {
	key, ok := models.RequestKeyFrom(ctx)
	actor := requestActor(by)
	if !ok || actor == "" {
		return "", nil
	}
	keyMAC := mac(db.idemKey, []byte("key"), []byte(actor), []byte(key.Operation), []byte(key.Key))
	prior, err = db.firstResult(ctx, actor, key, keyMAC)
	if errors.Is(err, models.ErrNotFound) {
		return "", nil
	}
	return prior, err
}

// firstResult reads what a key stands for; models.ErrNotFound, ErrKeyReused.
func (db *DB) firstResult(ctx context.Context, actor string, key models.RequestKey, keyMAC []byte) (string, error) {
	var first requestRow
	err := translate(db.q(ctx).Table("idempotency_keys").Select("body_mac", "result_id").
		Where("actor = ? AND operation = ? AND key_mac = ?", actor, key.Operation, keyMAC).Take(&first).Error)
	if err != nil {
		return "", err
	}
	if !hmac.Equal(first.BodyMAC, mac(db.idemKey, []byte("body"), key.BodyMAC)) {
		return "", models.ErrKeyReused
	}
	return first.ResultID, nil
}

// requestActor is whose keys these are: a citizen's platform account and the person it stands for, so that whoever
// binds the account next never meets the results of whoever had it before; agents have their own id. No two people
// share an actor.
func requestActor(by models.Actor) string {
	switch {
	case by.AccountID != "" && by.ID != "":
		return string(by.Kind) + ":" + string(by.AccountID) + ":" + string(by.ID)
	case by.AccountID != "":
		return string(by.Kind) + ":" + string(by.AccountID)
	case by.ID != "":
		return string(by.Kind) + ":" + string(by.ID)
	case by.SessionID != "":
		return string(by.Kind) + ":" + string(by.SessionID)
	}
	return ""
}

// ForgetRequests drops request keys older than before, in pieces, and tells how many.
func (db *DB) ForgetRequests(ctx context.Context, before time.Time) (int64, error) {
	return db.deleteInPieces(ctx, `DELETE FROM idempotency_keys WHERE (actor, operation, key_mac) IN
		(SELECT actor, operation, key_mac FROM idempotency_keys WHERE created_at < ? LIMIT ?)`, before)
}

// piece is how many rows one cleaning statement takes, so that no lock is held for long.
const piece = 5000

// deleteInPieces runs a DELETE with the parameters (before, limit) until nothing is left to delete.
func (db *DB) deleteInPieces(ctx context.Context, statement string, before time.Time) (int64, error) {
	var total int64
	for {
		res := db.w(ctx).Exec(statement, before, piece)
		if res.Error != nil {
			return total, translate(res.Error)
		}
		if total += res.RowsAffected; res.RowsAffected < piece {
			return total, nil
		}
	}
}
