package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/notice"
)

var _ notice.CleanStore = (*Notices)(nil)

type noticeCleaningRow struct {
	Topic   string `gorm:"primaryKey"`
	Stage   string `gorm:"primaryKey"`
	AfterID string
}

func (noticeCleaningRow) TableName() string { return "notice_cleanings" }

// CleanNotices implements notice.CleanStore. It walks the notices by their ids, which go with time, from where it came to
// last: no index of its own, and nothing is looked at twice.
func (s *Notices) CleanNotices(ctx context.Context, stage notice.CleanStage, topic notice.Topic, before time.Time, limit int) (seen int, err error) {
	if due, err := s.cleaningDue(ctx, stage, topic, before); err != nil || !due {
		return 0, err
	}
	err = s.InTx(ctx, func(ctx context.Context) error {
		place, mine, err := s.holdCleaning(ctx, stage, topic)
		if err != nil || !mine {
			return err
		}
		now, err := s.Now(ctx)
		if err != nil {
			return err
		}
		var rows []noticeRow
		err = s.w(ctx).Select("id", "kind", "created_at", "expires_at").Where("id > ?", place.AfterID).Order("id").Limit(limit).Find(&rows).Error
		if err != nil {
			return translate(err)
		}
		var old []string
		for _, r := range rows {
			if !r.CreatedAt.Before(before) || r.ExpiresAt.After(now) {
				break // the next pass goes on from here
			}
			seen, place.AfterID = seen+1, r.ID
			if notice.Kind(r.Kind).Topic() == topic {
				old = append(old, r.ID)
			}
		}
		if seen == 0 {
			return nil
		}
		if err := s.clean(ctx, stage, old); err != nil {
			return err
		}
		return translate(s.w(ctx).Model(&noticeCleaningRow{}).Where("topic = ? AND stage = ?", place.Topic, place.Stage).Update("after_id", place.AfterID).Error)
	})
	return seen, err
}

// cleaningDue looks, without asking for the writer, whether the next notice is old enough.
func (s *Notices) cleaningDue(ctx context.Context, stage notice.CleanStage, topic notice.Topic, before time.Time) (bool, error) {
	var due bool
	err := s.q(ctx).Raw(`SELECT COALESCE((SELECT created_at < ? FROM notices
		WHERE id > COALESCE((SELECT after_id FROM notice_cleanings WHERE topic = ? AND stage = ?), ?) ORDER BY id LIMIT 1), FALSE)`,
		models.Instant(before), string(topic), string(stage), beforeAll).Scan(&due).Error
	return due, translate(err)
}

// holdCleaning takes the place from which to go on. false: another has it.
func (s *Notices) holdCleaning(ctx context.Context, stage notice.CleanStage, topic notice.Topic) (noticeCleaningRow, bool, error) {
	place := noticeCleaningRow{Topic: string(topic), Stage: string(stage), AfterID: beforeAll}
	var known int64
	if err := s.q(ctx).Model(&noticeCleaningRow{}).Where("topic = ? AND stage = ?", place.Topic, place.Stage).Count(&known).Error; err != nil {
		return place, false, translate(err)
	}
	if known == 0 {
		if err := s.w(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&place).Error; err != nil {
			return place, false, translate(err)
		}
	}
	q := s.w(ctx)
	if s.driver == Postgres {
		q = q.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
	}
	var rows []noticeCleaningRow
	err := q.Where("topic = ? AND stage = ?", place.Topic, place.Stage).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return place, false, translate(err)
	}
	return rows[0], true, nil
}

func (s *Notices) clean(ctx context.Context, stage notice.CleanStage, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	if stage == notice.CleanContent {
		return translate(s.w(ctx).Exec("UPDATE notices SET params = '{}' WHERE id IN ? AND params <> '{}'", ids).Error)
	}
	return translate(s.w(ctx).Where("id IN ?", ids).Delete(&noticeRow{}).Error) // deliveries and receipts with them
}

// CleanCampaigns implements notice.CleanStore.
func (s *Notices) CleanCampaigns(ctx context.Context, before time.Time, limit int) (int, error) {
	res := s.w(ctx).Exec(`DELETE FROM campaign_people WHERE (campaign_id, person_id) IN (SELECT m.campaign_id, m.person_id FROM campaigns c
		JOIN campaign_people m ON m.campaign_id = c.id WHERE c.closed_at < ? LIMIT ?)`, models.Instant(before), limit)
	return int(res.RowsAffected), translate(res.Error)
}
