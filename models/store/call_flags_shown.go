package store

import (
	"context"

	"gorm.io/gorm"

	"onecard/models/hotline"
)

// shownFlags reads flags together with whose they are.
func (t *CallFlags) shownFlags(ctx context.Context) *gorm.DB {
	return t.q(ctx).Table("call_flags f").Select("f.*, s.login, s.name_sealed").Joins("JOIN staff s ON s.id = f.staff_id")
}

func (t *CallFlags) shown(ctx context.Context, q *gorm.DB) ([]hotline.Flag, error) {
	var rows []struct {
		Row        callFlagRow `gorm:"embedded"`
		Login      string
		NameSealed []byte
	}
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]hotline.Flag, len(rows))
	for i, r := range rows {
		out[i] = r.Row.flag()
		out[i].Login = r.Login
		var err error
		if out[i].Name, err = staffName(ctx, t.DB, r.Row.StaffID, r.NameSealed); err != nil {
			return nil, err
		}
	}
	return out, nil
}
