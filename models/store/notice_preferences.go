package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// NoticePreferences keeps what citizens want to be told, and how.
type NoticePreferences struct{ *NoticeSubscriptions }

// NoticePreferences is the table of wishes.
func (db *DB) NoticePreferences() *NoticePreferences {
	return &NoticePreferences{db.NoticeSubscriptions()}
}

var (
	_ notice.PreferenceStore = (*NoticePreferences)(nil)
	_ notice.Wished          = (*NoticePreferences)(nil)
)

type preferenceRow struct {
	PersonID  string `gorm:"primaryKey"`
	AboutID   string `gorm:"primaryKey"`
	Topic     string `gorm:"primaryKey"`
	Channel   string `gorm:"primaryKey"`
	Wanted    bool
	ChangedAt time.Time
}

func (preferenceRow) TableName() string { return "notice_preferences" }

// PreferencesOf implements notice.PreferenceStore.
func (t *NoticePreferences) PreferencesOf(ctx context.Context, person models.ID) ([]notice.Preference, error) {
	var rows []preferenceRow
	err := t.q(ctx).Where("person_id = ?", string(person)).Order("about_id, topic, channel").Find(&rows).Error
	return preferences(rows), translate(err)
}

// SwitchedOff implements notice.Wished.
func (t *NoticePreferences) SwitchedOff(ctx context.Context, people []models.ID) ([]notice.Preference, error) {
	ids := make([]string, len(people))
	for i, id := range people {
		ids[i] = string(id)
	}
	var rows []preferenceRow
	err := t.q(ctx).Where(t.among("person_id", ids)).Where("NOT wanted").Find(&rows).Error
	return preferences(rows), translate(err)
}

func preferences(rows []preferenceRow) []notice.Preference {
	out := make([]notice.Preference, len(rows))
	for i, r := range rows {
		out[i] = notice.Preference{
			PersonID: models.ID(r.PersonID), About: models.ID(r.AboutID), Topic: notice.Topic(r.Topic), Channel: notice.Channel(r.Channel),
			Wanted: r.Wanted, ChangedAt: models.Instant(r.ChangedAt),
		}
	}
	return out
}

// SetPreference implements notice.PreferenceStore.
func (t *NoticePreferences) SetPreference(ctx context.Context, p notice.Preference) (bool, error) {
	res := t.w(ctx).Exec(`INSERT INTO notice_preferences (person_id, about_id, topic, channel, wanted, changed_at) VALUES (?,?,?,?,?,?)
		ON CONFLICT (person_id, about_id, topic, channel) DO UPDATE SET wanted = excluded.wanted, changed_at = excluded.changed_at
		WHERE notice_preferences.wanted <> excluded.wanted`,
		string(p.PersonID), string(p.About), string(p.Topic), string(p.Channel), p.Wanted, p.ChangedAt)
	return res.RowsAffected > 0, translate(res.Error)
}

// moveWishes gives a merged record's wishes, and those about it, to who remains; what she wished there already stays.
func (db *DB) moveWishes(ctx context.Context, from, to models.ID) error {
	err := db.w(ctx).Exec(`INSERT INTO notice_preferences (person_id, about_id, topic, channel, wanted, changed_at)
		SELECT CASE WHEN person_id = ? THEN ? ELSE person_id END, CASE WHEN about_id = ? THEN ? ELSE about_id END, topic, channel, wanted, changed_at
		FROM notice_preferences WHERE person_id = ? OR about_id = ? ON CONFLICT (person_id, about_id, topic, channel) DO NOTHING`,
		string(from), string(to), string(from), string(to), string(from), string(from)).Error
	if err != nil {
		return translate(err)
	}
	return translate(db.w(ctx).Exec("DELETE FROM notice_preferences WHERE person_id = ? OR about_id = ?", string(from), string(from)).Error)
}

// WithholdQueued implements notice.PreferenceStore. What a vendor may already have (losses > 0), and what another way
// follows, is left to its turn: the queue settles it there.
func (t *NoticePreferences) WithholdQueued(ctx context.Context, p notice.Preference, kinds []notice.Kind) (int, error) {
	about := string(p.About)
	res := t.w(ctx).Exec(`UPDATE deliveries SET state = 'suppressed', reason = ?, settled_at = ?
		WHERE state = 'queued' AND losses = 0 AND fallback = '' AND channel = ? AND notice_id IN (SELECT id FROM notices
		WHERE person_id = ? AND kind IN ? AND destination = '' AND destination_id IS NULL AND (about_id = ? OR about_id IS NULL AND person_id = ?))`,
		notice.ReasonSwitchedOff, t.stamp(), string(p.Channel), string(p.PersonID), kinds, about, about)
	return int(res.RowsAffected), translate(res.Error)
}

// AccountsOf implements notice.PreferenceStore.
func (t *NoticePreferences) AccountsOf(ctx context.Context, person models.ID) ([]notice.PlatformAccount, error) {
	var rows []accountRow
	err := t.q(ctx).Where("person_id = ?", string(person)).Order("id").Find(&rows).Error
	out := make([]notice.PlatformAccount, len(rows))
	for i, r := range rows {
		out[i] = r.addressed()
	}
	return out, translate(err)
}
