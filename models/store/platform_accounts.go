package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/citizen"
	"onecard/models/notice"
)

// PlatformAccounts keeps who a platform says has logged in, and the person each account is bound to.
type PlatformAccounts struct{ *DB }

// PlatformAccounts is the table of platform accounts.
func (db *DB) PlatformAccounts() *PlatformAccounts { return &PlatformAccounts{db} }

var _ citizen.Accounts = (*PlatformAccounts)(nil)

type accountRow struct {
	ID       string `gorm:"primaryKey"`
	Platform string
	AppID    string
	OpenID   string
	UnionID  string
	UserID   string
	Handle   string
	PersonID *string
	Level    string
	BoundAt  *time.Time
	BoundBy  string
	MadeAt   time.Time
	SeenAt   time.Time
}

func (accountRow) TableName() string { return "platform_accounts" }

func (r accountRow) account() citizen.Account {
	level, _ := models.ParseLevel(r.Level)
	return citizen.Account{
		ID: models.ID(r.ID), Platform: models.Channel(r.Platform), AppID: r.AppID, OpenID: r.OpenID, UnionID: r.UnionID,
		UserID: r.UserID, Handle: r.Handle, PersonID: idOf(r.PersonID), Level: level, BoundAt: timeOf(r.BoundAt),
		BoundBy: citizen.BindMethod(r.BoundBy), MadeAt: models.Instant(r.MadeAt), SeenAt: models.Instant(r.SeenAt),
	}
}

// SeenAccount finds or makes the account in one statement: two first log-ins at once make one row. Further names of
// the account are kept once a platform has told them.
func (t *PlatformAccounts) SeenAccount(ctx context.Context, a citizen.Account) (citizen.Account, error) {
	err := t.w(ctx).Exec(`INSERT INTO platform_accounts (id, platform, app_id, open_id, union_id, user_id, handle, level, bound_by, made_at, seen_at)
		VALUES (?,?,?,?,?,?,?,?,'',?,?)
		ON CONFLICT (platform, app_id, open_id) DO UPDATE SET seen_at = excluded.seen_at,
		union_id = CASE WHEN excluded.union_id = '' THEN platform_accounts.union_id ELSE excluded.union_id END,
		user_id = CASE WHEN excluded.user_id = '' THEN platform_accounts.user_id ELSE excluded.user_id END`,
		string(a.ID), string(a.Platform), a.AppID, a.OpenID, a.UnionID, a.UserID, a.Handle, models.LevelPlatform.String(),
		a.MadeAt, a.SeenAt).Error
	if err != nil {
		return citizen.Account{}, translate(err)
	}
	var row accountRow
	err = t.w(ctx).Where("platform = ? AND app_id = ? AND open_id = ?", string(a.Platform), a.AppID, a.OpenID).Take(&row).Error
	if err == nil {
		err = t.backAgain(ctx, row, a.SeenAt)
	}
	return row.account(), translate(err)
}

// backAgain tries messages again for an account that had blocked them: whoever logs in may have opened them since. Where
// she has not, the platform tells us with the next one.
func (t *PlatformAccounts) backAgain(ctx context.Context, row accountRow, at time.Time) error {
	changed, err := t.takesAgain(ctx, row.ID, at, notice.OffBlocked)
	if err != nil || !changed {
		return err
	}
	by := models.Actor{Kind: models.SystemActor, Channel: models.Channel(row.Platform)}
	return t.RecordAudit(ctx, audit.Of(by, at, "notice.account.heard", "platform_accounts", row.ID, "done").About(idOf(row.PersonID)))
}

// Account reads one account.
func (t *PlatformAccounts) Account(ctx context.Context, id models.ID) (citizen.Account, error) {
	var row accountRow
	err := t.q(ctx).Where("id = ?", string(id)).Take(&row).Error
	return row.account(), translate(err)
}

// BindAccount gives an account its person if it has none.
func (t *PlatformAccounts) BindAccount(ctx context.Context, id, person models.ID, by citizen.BindMethod, at time.Time) error {
	return guarded(t.w(ctx).Exec(`UPDATE platform_accounts SET person_id = ?, level = ?, bound_at = ?, bound_by = ?
		WHERE id = ? AND person_id IS NULL`, string(person), by.Level().String(), at, string(by), string(id)))
}

// RaiseAccount notes a better proof for the same person; the level never falls and the day of binding stays.
func (t *PlatformAccounts) RaiseAccount(ctx context.Context, id, person models.ID, to models.Level) error {
	return guarded(t.w(ctx).Exec(`UPDATE platform_accounts SET level = CASE WHEN level = ? THEN level ELSE ? END
		WHERE id = ? AND person_id = ?`, models.LevelReal.String(), to.String(), string(id), string(person)))
}

// UnbindAccount takes the person off the account.
func (t *PlatformAccounts) UnbindAccount(ctx context.Context, id, person models.ID) error {
	return guarded(t.w(ctx).Exec(`UPDATE platform_accounts SET person_id = NULL, level = ?, bound_at = NULL, bound_by = ''
		WHERE id = ? AND person_id = ?`, models.LevelPlatform.String(), string(id), string(person)))
}

// MoveAccounts takes one person's accounts to another, and what she wants to be told with them.
func (t *PlatformAccounts) MoveAccounts(ctx context.Context, from, to models.ID) (int64, error) {
	if err := t.moveWishes(ctx, from, to); err != nil {
		return 0, err
	}
	res := t.w(ctx).Exec("UPDATE platform_accounts SET person_id = ? WHERE person_id = ?", string(to), string(from))
	return res.RowsAffected, translate(res.Error)
}

// FreeAccounts unbinds every account of a person.
func (t *PlatformAccounts) FreeAccounts(ctx context.Context, person models.ID) (int64, error) {
	res := t.w(ctx).Exec("UPDATE platform_accounts SET person_id = NULL, level = ?, bound_at = NULL, bound_by = '' WHERE person_id = ?",
		models.LevelPlatform.String(), string(person))
	return res.RowsAffected, translate(res.Error)
}

// AccountsOf lists a person's accounts, oldest binding first.
func (t *PlatformAccounts) AccountsOf(ctx context.Context, person models.ID) ([]citizen.Account, error) {
	var rows []accountRow
	if err := t.q(ctx).Where("person_id = ?", string(person)).Order("bound_at, id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]citizen.Account, len(rows))
	for i, r := range rows {
		out[i] = r.account()
	}
	return out, nil
}
