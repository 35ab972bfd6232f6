package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/notice"
)

// SMSStops keeps the numbers that get no text messages. A number stands there only as its keyed index.
type SMSStops struct{ *DB }

// SMSStops is the table of stops.
func (db *DB) SMSStops() *SMSStops { return &SMSStops{db} }

var _ notice.StopList = (*SMSStops)(nil)

type smsStopRow struct {
	ID         string `gorm:"primaryKey"`
	KeyVersion int
	PhoneIndex []byte
	Reason     string
	Active     bool
	Vendor     string
	Since      time.Time
	Strikes    int
	StruckOn   string
}

func (smsStopRow) TableName() string { return "sms_stops" }

// under are the rows of a number, whichever key they were written under.
func (t *SMSStops) under(ctx context.Context, q *gorm.DB, phone models.Phone) *gorm.DB {
	either := t.q(ctx)
	for _, ix := range t.LookupIndexes(LookupPhone, phone.Reveal()) {
		either = either.Or("key_version = ? AND phone_index = ?", ix.Version, ix.Index)
	}
	return q.Where(either)
}

// StoppedOf implements notice.Stops, in one statement. A row under an older key is written anew under the newest: whoever
// is written to does not lose her stop when the old key goes.
func (t *SMSStops) StoppedOf(ctx context.Context, phones []models.Phone) (map[models.Phone]notice.StopReason, error) {
	byIndex, indexes := t.indexesOf(phones)
	if len(indexes) == 0 {
		return nil, nil //nolint:nilnil // nobody is asked about
	}
	var rows []smsStopRow
	if err := t.q(ctx).Where("active").Where(t.amongBytes("phone_index", indexes)).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out, newest := map[models.Phone]notice.StopReason{}, t.newestIndex()
	for _, r := range rows {
		phone := byIndex[string(r.PhoneIndex)]
		if r.KeyVersion != newest {
			if err := t.word(ctx, phone, notice.StopReason(r.Reason), true, func(*smsStopRow) bool { return false }); err != nil {
				return nil, err
			}
		}
		if r.Reason == string(notice.StopNoOwner) || out[phone] == notice.NotStopped {
			out[phone] = notice.StopReason(r.Reason)
		}
	}
	return out, nil
}

// indexesOf are numbers as they stand in rows, under every key, and whose each is.
func (t *SMSStops) indexesOf(phones []models.Phone) (of map[string]models.Phone, indexes [][]byte) {
	of = make(map[string]models.Phone, len(phones))
	for _, p := range phones {
		for _, ix := range t.LookupIndexes(LookupPhone, p.Reveal()) {
			if _, twice := of[string(ix.Index)]; !twice {
				of[string(ix.Index)] = p
				indexes = append(indexes, ix.Index)
			}
		}
	}
	return of, indexes
}

// StopsOf implements notice.StopBook.
func (t *SMSStops) StopsOf(ctx context.Context, phone models.Phone) ([]notice.SMSStop, error) {
	var rows []smsStopRow
	err := t.under(ctx, t.q(ctx), phone).Where("active").Order("reason, since").Find(&rows).Error
	var out []notice.SMSStop
	for _, r := range rows {
		if n := len(out); n > 0 && out[n-1].Reason == notice.StopReason(r.Reason) {
			continue // the same under an older key
		}
		out = append(out, notice.SMSStop{Reason: notice.StopReason(r.Reason), Since: models.Instant(r.Since)})
	}
	return out, translate(err)
}

// Stop implements notice.StopList.
func (t *SMSStops) Stop(ctx context.Context, phone models.Phone, reason notice.StopReason, vendor string, at time.Time) (id models.ID, err error) {
	err = t.word(ctx, phone, reason, true, func(r *smsStopRow) bool {
		changes := !r.Active && at.After(r.Since)
		if at.After(r.Since) {
			r.Active, r.Since, r.Vendor = true, at, vendor
		}
		if changes {
			id = models.ID(r.ID)
		}
		return true
	})
	return id, err
}

// Lift implements notice.StopList. A holder's 恢复 is kept even where nothing was stopped: an older 退订 may still come.
func (t *SMSStops) Lift(ctx context.Context, phone models.Phone, reason notice.StopReason, vendor string, at time.Time) (id models.ID, err error) {
	err = t.word(ctx, phone, reason, reason == notice.StopAsked, func(r *smsStopRow) bool {
		if !at.After(r.Since) {
			return false
		}
		if r.Active {
			id = models.ID(r.ID)
		}
		r.Active, r.Since, r.Vendor, r.Strikes, r.StruckOn = false, at, vendor, 0, ""
		return true
	})
	return id, err
}

// Strike implements notice.StopList: a day counts once, however many messages bounced on it.
func (t *SMSStops) Strike(ctx context.Context, phone models.Phone, vendor string, at time.Time, limit int) (id models.ID, err error) {
	err = t.word(ctx, phone, notice.StopNoOwner, true, func(r *smsStopRow) bool {
		day := string(models.DateOf(at))
		if !at.After(r.Since) || day <= r.StruckOn {
			return false
		}
		r.Strikes, r.StruckOn, r.Vendor = r.Strikes+1, day, vendor
		if !r.Active && r.Strikes >= limit {
			r.Active, r.Since, id = true, at, models.ID(r.ID)
		}
		return true
	})
	return id, err
}

// Doubted implements notice.StopList, in one statement.
func (t *SMSStops) Doubted(ctx context.Context, phones []models.Phone) ([]models.Phone, error) {
	if len(phones) == 0 {
		return nil, nil
	}
	byIndex, indexes := t.indexesOf(phones)
	var found []smsStopRow
	err := t.q(ctx).Select("phone_index").Where("reason = ? AND (active OR strikes > 0) AND phone_index IN ?", string(notice.StopNoOwner), indexes).Find(&found).Error
	var out []models.Phone
	for _, r := range found {
		out = append(out, byIndex[string(r.PhoneIndex)])
	}
	return out, translate(err)
}

// word holds the row of a number and a reason, made where there is none yet, and lets change decide what becomes of it.
// Rows under older keys are merged into the one under the newest.
func (t *SMSStops) word(ctx context.Context, phone models.Phone, reason notice.StopReason, create bool, change func(*smsStopRow) bool) error {
	newest := t.LookupIndexes(LookupPhone, phone.Reveal())[0]
	return t.InTx(ctx, func(ctx context.Context) error {
		if create {
			err := t.w(ctx).Exec(`INSERT INTO sms_stops (id, key_version, phone_index, reason, active, vendor, since, strikes, struck_on)
				VALUES (?,?,?,?,?,'',?,0,'') ON CONFLICT (phone_index, reason, key_version) DO NOTHING`,
				string(models.NewID()), newest.Version, newest.Index, string(reason), false, time.Unix(0, 0)).Error
			if err != nil {
				return translate(err)
			}
		}
		q := t.w(ctx)
		if t.driver == Postgres {
			q = q.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
		}
		var rows []smsStopRow
		if err := t.under(ctx, q, phone).Where("reason = ?", string(reason)).Order("key_version DESC").Find(&rows).Error; err != nil || len(rows) == 0 {
			return translate(err)
		}
		row, old := rows[0], rows[1:]
		for _, o := range old {
			if row.Since.Before(o.Since) {
				row.Active, row.Since, row.Vendor, row.Strikes, row.StruckOn = o.Active, o.Since, o.Vendor, o.Strikes, o.StruckOn
			}
			if err := t.w(ctx).Where("id = ?", o.ID).Delete(&smsStopRow{}).Error; err != nil {
				return translate(err)
			}
		}
		row.Since = models.Instant(row.Since)
		if !change(&row) && len(old) == 0 {
			return nil
		}
		return guarded(t.w(ctx).Model(&smsStopRow{}).Where("id = ?", row.ID).
			Select("active", "vendor", "since", "strikes", "struck_on").Updates(row))
	})
}

// moveStops writes the stops of people whose look-ups under older keys are about to go under the newest key. Numbers of
// nobody whom we know move when they are next written to, or go with their key.
func (db *DB) moveStops(ctx context.Context, version int, people []string) error {
	return translate(db.w(ctx).Exec(`UPDATE sms_stops SET key_version = ?, phone_index = (
			SELECT n.lookup_index FROM person_lookups o JOIN person_lookups n ON n.person_id = o.person_id AND n.field = o.field AND n.key_version = ?
			WHERE o.field = ? AND o.key_version = sms_stops.key_version AND o.lookup_index = sms_stops.phone_index AND o.person_id IN ? LIMIT 1)
		WHERE key_version < ? AND EXISTS (
			SELECT 1 FROM person_lookups o JOIN person_lookups n ON n.person_id = o.person_id AND n.field = o.field AND n.key_version = ?
			WHERE o.field = ? AND o.key_version = sms_stops.key_version AND o.lookup_index = sms_stops.phone_index AND o.person_id IN ?
			AND NOT EXISTS (SELECT 1 FROM sms_stops s WHERE s.phone_index = n.lookup_index AND s.key_version = n.key_version AND s.reason = sms_stops.reason))`,
		version, version, LookupPhone, people, version, version, LookupPhone, people).Error)
}
