package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

// Consents keeps the records of R53. A row is written once and withdrawn once; nothing else changes it but getting
// its person.
type Consents struct{ *DB }

// Consents is the table of consents.
func (db *DB) Consents() *Consents { return &Consents{db} }

var _ citizen.Consents = (*Consents)(nil)

type consentRow struct {
	ID          string `gorm:"primaryKey"`
	AccountID   *string
	PersonID    *string
	GivenBy     *string
	Purpose     string
	Version     string
	Basis       string
	Channel     string
	GivenAt     time.Time
	WithdrawnAt *time.Time
}

func (consentRow) TableName() string { return "consents" }

func (r consentRow) consent() citizen.Consent {
	return citizen.Consent{
		ID: models.ID(r.ID), AccountID: idOf(r.AccountID), PersonID: idOf(r.PersonID), GivenBy: idOf(r.GivenBy),
		Purpose: citizen.Purpose(r.Purpose), Version: r.Version, Basis: citizen.Basis(r.Basis), Channel: models.Channel(r.Channel),
		GivenAt: models.Instant(r.GivenAt), WithdrawnAt: timeOf(r.WithdrawnAt),
	}
}

// AddConsent inserts one.
func (t *Consents) AddConsent(ctx context.Context, c citizen.Consent) error {
	row := consentRow{
		ID: string(c.ID), AccountID: nullID(c.AccountID), PersonID: nullID(c.PersonID), GivenBy: nullID(c.GivenBy),
		Purpose: string(c.Purpose), Version: c.Version, Basis: string(c.Basis), Channel: string(c.Channel), GivenAt: c.GivenAt,
	}
	return translate(t.w(ctx).Create(&row).Error)
}

// ConsentsOf lists a person's consents, oldest first; without a person those of the account that are nobody's yet.
func (t *Consents) ConsentsOf(ctx context.Context, person, account models.ID) ([]citizen.Consent, error) {
	q := t.q(ctx).Order("given_at, id")
	switch {
	case person != "":
		q = q.Where("person_id = ?", string(person))
	case account != "":
		q = q.Where("account_id = ? AND person_id IS NULL", string(account))
	default:
		return nil, nil
	}
	var rows []consentRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]citizen.Consent, len(rows))
	for i, r := range rows {
		out[i] = r.consent()
	}
	return out, nil
}

// WithdrawConsent ends one; a second time changes nothing.
func (t *Consents) WithdrawConsent(ctx context.Context, id models.ID, at time.Time) error {
	return translate(t.w(ctx).Exec("UPDATE consents SET withdrawn_at = ? WHERE id = ? AND withdrawn_at IS NULL", at, string(id)).Error)
}

// AdoptConsents gives what was agreed to before binding to the person who turned out to have agreed.
func (t *Consents) AdoptConsents(ctx context.Context, account, person models.ID) error {
	return translate(t.w(ctx).Exec("UPDATE consents SET person_id = ?, given_by = ? WHERE account_id = ? AND person_id IS NULL",
		string(person), string(person), string(account)).Error)
}
