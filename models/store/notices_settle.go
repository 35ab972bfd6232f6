package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/notice"
)

type noticeReceiptRow struct {
	NoticeID   string `gorm:"primaryKey"`
	Vendor     string `gorm:"primaryKey"`
	VendorID   string `gorm:"primaryKey"`
	Delivered  bool   `gorm:"primaryKey"`
	Code       string
	ReportedAt time.Time
	ReceivedAt time.Time
}

func (noticeReceiptRow) TableName() string { return "notice_receipts" }

func (r noticeReceiptRow) receipt() notice.Receipt {
	return notice.Receipt{
		Vendor: r.Vendor, VendorID: r.VendorID, DeliveryID: models.ID(r.NoticeID), Delivered: r.Delivered, Code: r.Code, At: models.Instant(r.ReportedAt),
	}
}

// lockNotice reads a row that the transaction is about to change, and holds it: settlements and receipts of one
// notice follow each other.
func (s *Notices) lockNotice(ctx context.Context, id models.ID) (noticeRow, error) {
	var row noticeRow
	q := s.w(ctx)
	if s.driver == Postgres {
		q = q.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	err := q.Where("id = ?", string(id)).Take(&row).Error
	return row, translate(err)
}

// saveNotice writes the parts of a row that settling changes, and ends its code where it has left the queue.
func (s *Notices) saveNotice(ctx context.Context, row noticeRow, read noticeRow) error {
	err := guarded(s.w(ctx).Model(&noticeRow{}).Where("id = ? AND state = ? AND attempt = ?", row.ID, read.State, read.Attempt).
		Select("state", "reason", "due_at", "losses", "lease_ends", "vendor_id", "submitted_at", "settled_at").Updates(row))
	if err != nil || row.State == string(notice.Queued) || notice.Lane(row.Lane) != notice.LaneCodes {
		return err
	}
	return translate(s.w(ctx).Where("notice_id = ?", row.ID).Delete(&noticeSecretRow{}).Error)
}

// SettleNotice implements notice.Store.
func (s *Notices) SettleNotice(ctx context.Context, id models.ID, attempt int, o notice.Settlement) (ours bool, err error) {
	err = s.InTx(ctx, func(ctx context.Context) error {
		now, err := s.Now(ctx)
		if err != nil {
			return err
		}
		read, err := s.lockNotice(ctx, id)
		if err != nil {
			return err
		}
		if ours = read.State == string(notice.Submitting) && read.Attempt == attempt; !ours {
			return nil
		}
		row := read
		row.LeaseEnds, row.Reason, row.DueAt = nil, o.Reason, now.Add(o.After)
		if o.Lost {
			row.Losses++
			o.State = notice.AfterLoss(row.Repeatable, row.Losses)
		}
		row.State = string(o.State)
		switch o.State {
		case notice.Queued:
		case notice.Submitted:
			row.SubmittedAt, row.VendorID = &now, o.VendorID
			if err := s.applyEarlyReceipts(ctx, &row, now); err != nil {
				return err
			}
		default:
			row.SettledAt = &now
		}
		return s.saveNotice(ctx, row, read)
	})
	return ours, err
}

// applyEarlyReceipts lets receipts count that came before the hand-over was written.
func (s *Notices) applyEarlyReceipts(ctx context.Context, row *noticeRow, now time.Time) error {
	var early []noticeReceiptRow
	if err := s.w(ctx).Where("notice_id = ?", row.ID).Order("received_at").Find(&early).Error; err != nil {
		return translate(err)
	}
	for _, e := range early {
		row.take(e.receipt(), now)
	}
	return nil
}

// take moves a row by a receipt, if it moves it.
func (r *noticeRow) take(receipt notice.Receipt, now time.Time) bool {
	to, changed := notice.AfterReceipt(notice.State(r.State), r.VendorID, receipt)
	if !changed {
		return false
	}
	r.State, r.SettledAt, r.LeaseEnds = string(to), &now, nil
	if r.Reason = ""; to == notice.Failed {
		r.Reason = receipt.Code
	}
	if r.VendorID == "" {
		r.VendorID = receipt.VendorID
	}
	return true
}

// TakeNoticeReceipt implements notice.Store.
func (s *Notices) TakeNoticeReceipt(ctx context.Context, r notice.Receipt) (known bool, err error) {
	err = s.InTx(ctx, func(ctx context.Context) error {
		now, err := s.Now(ctx)
		if err != nil {
			return err
		}
		read, err := s.lockNotice(ctx, r.DeliveryID)
		if errors.Is(err, models.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		known = true
		res := s.w(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&noticeReceiptRow{
			NoticeID: string(r.DeliveryID), Vendor: r.Vendor, VendorID: r.VendorID, Delivered: r.Delivered, Code: r.Code,
			ReportedAt: r.At, ReceivedAt: now,
		})
		if res.Error != nil || res.RowsAffected == 0 {
			return translate(res.Error)
		}
		row := read
		if !row.take(r, now) {
			return nil
		}
		return s.saveNotice(ctx, row, read)
	})
	return known, err
}
