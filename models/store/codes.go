package store

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

// Codes keeps one-time codes and counts what was sent of them (R61).
type Codes struct{ *DB }

// Codes is the table of one-time codes with its counters.
func (db *DB) Codes() *Codes { return &Codes{db} }

var _ citizen.Codes = (*Codes)(nil)

// Digests is the keyed digest of a value under every active look-up key, newest first.
func (db *DB) Digests(field, value string) [][]byte {
	indexes := db.LookupIndexes(field, value)
	out := make([][]byte, len(indexes))
	for i, ix := range indexes {
		out[i] = ix.Index
	}
	return out
}

type codeRow struct {
	ID         string `gorm:"primaryKey"`
	Purpose    string
	SessionID  string
	PersonID   string
	ObjectID   *string
	PhoneKey   []byte
	Digest     []byte
	Tries      int
	SentAt     time.Time
	ExpiresAt  time.Time
	UsedAt     *time.Time
	ReplacedAt *time.Time
}

func (codeRow) TableName() string { return "one_time_codes" }

func (r codeRow) code() citizen.Code {
	return citizen.Code{
		ID: models.ID(r.ID), Purpose: citizen.CodePurpose(r.Purpose), SessionID: models.ID(r.SessionID), PersonID: models.ID(r.PersonID),
		ObjectID: idOf(r.ObjectID), PhoneKey: r.PhoneKey, Digest: r.Digest, Tries: r.Tries, SentAt: models.Instant(r.SentAt),
		ExpiresAt: models.Instant(r.ExpiresAt), UsedAt: timeOf(r.UsedAt), ReplacedAt: timeOf(r.ReplacedAt),
	}
}

// The scopes of code_budgets.
const (
	budgetPhone    = "phone"    // a row to stand in line at; its figure is for the operator
	budgetEveryone = "everyone" // all codes of a day
)

var everyone = []byte("all")

// CodeUse locks the phone's row of the day and counts. The lock makes two requests for one phone stand in line; a
// phone asked for through two sessions is still one phone.
func (t *Codes) CodeUse(ctx context.Context, phoneKeys [][]byte, session models.ID, at time.Time) (citizen.CodeUse, error) {
	if t.txFrom(ctx) == nil {
		return citizen.CodeUse{}, errors.New("codes are counted inside the transaction that sends one")
	}
	var use citizen.CodeUse
	day := models.DateOf(at)
	if err := t.addSends(ctx, budgetPhone, phoneKeys[0], day, 0); err != nil {
		return use, err
	}
	var sent []time.Time
	err := t.q(ctx).Table("one_time_codes").Where("phone_key IN ? AND sent_at > ?", phoneKeys, at.Add(-24*time.Hour)).
		Order("sent_at").Pluck("sent_at", &sent).Error
	if err != nil {
		return use, translate(err)
	}
	for _, one := range sent {
		one = models.Instant(one)
		use.LastSentAt = one
		if one.After(at.Add(-time.Hour)) {
			use.LastHour = append(use.LastHour, one)
		}
		if models.DateOf(one) == day {
			use.PhoneToday++
		}
	}
	n, err := t.SessionCodes(ctx, session, at)
	if err != nil {
		return use, err
	}
	use.SessionDay = n
	err = t.q(ctx).Raw("SELECT COALESCE(SUM(sends), 0) FROM code_budgets WHERE scope = ? AND counter = ? AND day = ?",
		budgetEveryone, everyone, string(day)).Row().Scan(&use.EveryoneDay)
	return use, translate(err)
}

// SessionCodes implements citizen.Codes.
func (t *Codes) SessionCodes(ctx context.Context, session models.ID, at time.Time) (int, error) {
	var n int64
	err := t.q(ctx).Table("one_time_codes").Where("session_id = ? AND sent_at >= ?", string(session), models.DateOf(at).Start()).Count(&n).Error
	return int(n), translate(err)
}

func (t *Codes) addSends(ctx context.Context, scope string, counter []byte, day models.Date, n int) error {
	return translate(t.w(ctx).Exec(`INSERT INTO code_budgets (scope, counter, day, sends) VALUES (?,?,?,?)
		ON CONFLICT (scope, counter, day) DO UPDATE SET sends = code_budgets.sends + excluded.sends`,
		scope, counter, string(day), n).Error)
}

// AddCode writes a code, replaces the open one of its session and purpose, and counts it.
func (t *Codes) AddCode(ctx context.Context, c citizen.Code) error {
	err := t.w(ctx).Exec(`UPDATE one_time_codes SET replaced_at = ? WHERE session_id = ? AND purpose = ?
		AND used_at IS NULL AND replaced_at IS NULL`, c.SentAt, string(c.SessionID), string(c.Purpose)).Error
	if err != nil {
		return translate(err)
	}
	row := codeRow{
		ID: string(c.ID), Purpose: string(c.Purpose), SessionID: string(c.SessionID), PersonID: string(c.PersonID),
		ObjectID: nullID(c.ObjectID), PhoneKey: c.PhoneKey, Digest: c.Digest, SentAt: c.SentAt, ExpiresAt: c.ExpiresAt,
	}
	if err := t.w(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	day := models.DateOf(c.SentAt)
	if err := t.addSends(ctx, budgetPhone, c.PhoneKey, day, 1); err != nil {
		return err
	}
	return t.addSends(ctx, budgetEveryone, everyone, day, 1)
}

// Code reads one, used ones too.
func (t *Codes) Code(ctx context.Context, id models.ID) (citizen.Code, error) {
	var row codeRow
	err := t.q(ctx).Where("id = ?", string(id)).Take(&row).Error
	return row.code(), translate(err)
}

// OpenCode reads the code that a try would be of, whatever its age.
func (t *Codes) OpenCode(ctx context.Context, session models.ID, purpose citizen.CodePurpose) (citizen.Code, error) {
	var row codeRow
	err := t.q(ctx).Where("session_id = ? AND purpose = ? AND used_at IS NULL AND replaced_at IS NULL", string(session), string(purpose)).
		Take(&row).Error
	return row.code(), translate(err)
}

// TryCode takes one try of the open code; models.ErrNotFound where there is none, it is too old or its tries are over.
func (t *Codes) TryCode(ctx context.Context, session models.ID, purpose citizen.CodePurpose, at time.Time) (citizen.Code, error) {
	var rows []codeRow
	err := t.w(ctx).Raw(`UPDATE one_time_codes SET tries = tries + 1 WHERE session_id = ? AND purpose = ? AND used_at IS NULL
		AND replaced_at IS NULL AND tries < ? AND expires_at > ? RETURNING *`,
		string(session), string(purpose), citizen.CodeTries, at).Scan(&rows).Error
	if err != nil {
		return citizen.Code{}, translate(err)
	}
	if len(rows) == 0 {
		return citizen.Code{}, models.ErrNotFound
	}
	return rows[0].code(), nil
}

// UseCode uses a code up.
func (t *Codes) UseCode(ctx context.Context, id models.ID, at time.Time) error {
	return guarded(t.w(ctx).Exec("UPDATE one_time_codes SET used_at = ? WHERE id = ? AND used_at IS NULL AND replaced_at IS NULL",
		at, string(id)))
}

// ForgetCodes drops codes and counters of days that no limit looks at any more, in pieces.
func (t *Codes) ForgetCodes(ctx context.Context, before time.Time) (int64, error) {
	n, err := t.deleteInPieces(ctx, "DELETE FROM one_time_codes WHERE id IN (SELECT id FROM one_time_codes WHERE sent_at < ? LIMIT ?)", before)
	if err != nil {
		return n, err
	}
	res := t.w(ctx).Exec("DELETE FROM code_budgets WHERE day < ?", string(models.DateOf(before)))
	return n + res.RowsAffected, translate(res.Error)
}
