package store

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/notice"
)

type deliveryReceiptRow struct {
	DeliveryID string `gorm:"primaryKey"`
	Vendor     string `gorm:"primaryKey"`
	VendorID   string `gorm:"primaryKey"`
	Delivered  bool   `gorm:"primaryKey"`
	Code       string
	ReportedAt time.Time
	ReceivedAt time.Time
}

func (deliveryReceiptRow) TableName() string { return "delivery_receipts" }

func (r deliveryReceiptRow) receipt() notice.Receipt {
	return notice.Receipt{
		Vendor: r.Vendor, VendorID: r.VendorID, DeliveryID: models.ID(r.DeliveryID), Delivered: r.Delivered, Code: r.Code, At: models.Instant(r.ReportedAt),
	}
}

// SettleDeliveries implements notice.Store. What was handed over is written in one statement; the rest is rare.
func (s *Notices) SettleDeliveries(ctx context.Context, outcomes []notice.Outcome) (ours int, err error) {
	err = s.InTx(ctx, func(ctx context.Context) error {
		now, err := s.Now(ctx)
		if err != nil {
			return err
		}
		var handed []notice.Outcome
		ours = 0
		for _, o := range outcomes {
			if o.State == notice.Submitted {
				handed = append(handed, o)
				continue
			}
			counted, err := s.settleOne(ctx, o, now)
			if err != nil {
				return err
			}
			if counted {
				ours++
			}
		}
		n, err := s.settleHanded(ctx, handed, now)
		ours += n
		return err
	})
	return ours, err
}

// settleHanded writes what vendors took, and lets receipts count that came before.
func (s *Notices) settleHanded(ctx context.Context, list []notice.Outcome, now time.Time) (int, error) {
	if len(list) == 0 {
		return 0, nil
	}
	rows, vars := s.handedRows(list)
	var done []struct {
		ID       string
		NoticeID string
		Lane     int
	}
	// The state they must be in comes as a value of theirs: by the word itself a planner might look up all that are in it, and
	// whatever was since the table was last cleaned.
	err := s.w(ctx).Raw("WITH told (id, attempt, vendor, vendor_id) AS ("+rows+`),
		handed AS MATERIALIZED (SELECT told.*, CAST('submitting' AS text) AS was FROM told)
		UPDATE deliveries SET state = 'submitted', reason = '', lease_ends = NULL, submitted_at = ?, vendor = handed.vendor, vendor_id = handed.vendor_id
		FROM handed WHERE deliveries.id = handed.id AND deliveries.attempt = handed.attempt AND deliveries.state = handed.was
		RETURNING deliveries.id, deliveries.notice_id, deliveries.lane`, append(vars, now)...).Scan(&done).Error
	if err != nil || len(done) == 0 {
		return 0, translate(err)
	}
	ids, codes := make([]string, len(done)), []string{}
	for i, d := range done {
		ids[i] = d.ID
		if notice.Lane(d.Lane) == notice.LaneCodes {
			codes = append(codes, d.NoticeID)
		}
	}
	if err := s.forgetCodes(ctx, codes); err != nil {
		return 0, err
	}
	var early []deliveryReceiptRow
	if err := s.w(ctx).Where(s.among("delivery_id", ids)).Order("received_at").Find(&early).Error; err != nil {
		return 0, translate(err)
	}
	for _, e := range early {
		if err := s.moveByReceipt(ctx, e.receipt(), now); err != nil {
			return 0, err
		}
	}
	return len(done), nil
}

// handedRows are outcomes as the rows of a statement.
func (s *Notices) handedRows(list []notice.Outcome) (text string, vars []any) {
	if s.driver != Postgres {
		for _, o := range list {
			vars = append(vars, string(o.ID), o.Attempt, o.Vendor, o.VendorID)
		}
		return "VALUES " + strings.TrimPrefix(strings.Repeat(", (?, ?, ?, ?)", len(list)), ", "), vars
	}
	columns := make([][]string, 4)
	for _, o := range list {
		for i, word := range []string{string(o.ID), strconv.Itoa(o.Attempt), o.Vendor, o.VendorID} {
			columns[i] = append(columns[i], word)
		}
	}
	for _, c := range columns {
		vars = append(vars, textArray(c))
	}
	return "SELECT * FROM unnest(CAST(? AS uuid[]), CAST(? AS integer[]), CAST(? AS text[]), CAST(? AS text[]))", vars
}

func (s *Notices) forgetCodes(ctx context.Context, notices []string) error {
	if len(notices) == 0 {
		return nil
	}
	return translate(s.w(ctx).Where("notice_id IN ?", notices).Delete(&noticeSecretRow{}).Error)
}

// settleOne writes anything else that an attempt came to.
func (s *Notices) settleOne(ctx context.Context, o notice.Outcome, now time.Time) (bool, error) {
	read, err := s.lockDelivery(ctx, o.ID)
	if errors.Is(err, models.ErrNotFound) {
		return false, nil
	}
	if err != nil || read.State != string(notice.Submitting) || read.Attempt != o.Attempt {
		return false, err
	}
	row := read
	row.LeaseEnds, row.Reason, row.DueAt = nil, o.Reason, now.Add(o.After)
	if o.Vendor != "" || o.State != notice.Unknown { // else the one of the claim may have it
		row.Vendor = o.Vendor
	}
	if o.Lost {
		row.Losses++
		o.State = notice.AfterLoss(row.Repeatable, row.Losses)
	}
	if o.State == notice.Suppressed && row.Losses > 0 {
		o.State = notice.Unknown // an earlier attempt may have reached her: no "not sent", and no other way
	}
	if row.State = string(o.State); o.State != notice.Queued {
		row.SettledAt = &now
	}
	return true, s.saveDelivery(ctx, row, read, now)
}

// lockDelivery reads a row that the transaction is about to change, and holds it: settlements and receipts of one
// delivery follow each other.
func (s *Notices) lockDelivery(ctx context.Context, id models.ID) (deliveryRow, error) {
	var row deliveryRow
	err := s.forUpdate(s.w(ctx)).Where("id = ?", string(id)).Take(&row).Error
	return row, translate(err)
}

// saveDelivery writes the parts of a row that settling changes, ends its code where it has left the queue, and queues
// the next way where this one came to nothing.
func (s *Notices) saveDelivery(ctx context.Context, row, read deliveryRow, now time.Time) error {
	next, more := deliveryRow{}, false
	if notice.FallsBack(notice.State(row.State), row.Reason) {
		var err error
		if next, more, err = s.heed(ctx, row.CreatedAt)(row.nextDelivery(now)); err != nil {
			return err
		}
	}
	if more || row.State == string(notice.Queued) {
		over, err := s.superseded(ctx, row.NoticeID)
		if err != nil {
			return err
		}
		if over {
			more = false
			if row.State == string(notice.Queued) {
				row.State, row.Reason, row.SettledAt = string(notice.Suppressed), notice.Replaced, &now
			}
		}
	}
	if row.State == string(notice.Queued) && row.CampaignID != nil {
		if err := s.heedBack(ctx, &row); err != nil {
			return err
		}
	}
	if more {
		row.Fallback = ""
	}
	err := guarded(s.w(ctx).Model(&deliveryRow{}).Where("id = ? AND state = ? AND attempt = ?", row.ID, read.State, read.Attempt).
		Select("state", "reason", "due_at", "losses", "lease_ends", "vendor", "vendor_id", "submitted_at", "settled_at", "fallback").Updates(row))
	if err != nil {
		return err
	}
	if more {
		return translate(s.w(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&next).Error)
	}
	if row.State == string(notice.Queued) || notice.Lane(row.Lane) != notice.LaneCodes {
		return nil
	}
	return s.forgetCodes(ctx, []string{row.NoticeID})
}

// heedBack holds what comes back to the queue of a campaign that was stopped meanwhile; a cancelled one takes it from there.
func (s *Notices) heedBack(ctx context.Context, row *deliveryRow) error {
	next, goes, err := s.heed(ctx, row.CreatedAt)(*row, true)
	switch {
	case err != nil:
		return err
	case !goes:
		row.State, row.Reason = string(notice.Held), notice.ReasonCampaignPaused
	default:
		row.State, row.Reason = next.State, next.Reason
	}
	return nil
}

// superseded reports whether a later notice took the place of one, and holds it as it is.
func (s *Notices) superseded(ctx context.Context, noticeID string) (bool, error) {
	var row noticeRow
	err := s.forUpdate(s.w(ctx)).Select("id", "superseded_at").Where("id = ?", noticeID).Take(&row).Error
	return row.SupersededAt != nil, translate(err)
}

// take moves a row by a receipt, if it moves it.
func (r *deliveryRow) take(receipt notice.Receipt, now time.Time) bool {
	to, changed := notice.AfterReceipt(notice.State(r.State), r.VendorID, receipt)
	if !changed {
		return false
	}
	r.State, r.SettledAt, r.LeaseEnds = string(to), &now, nil
	if r.SubmittedAt == nil { // the receipt overtook our own writing
		r.SubmittedAt = &now
	}
	if r.Reason = ""; to == notice.Failed {
		r.Reason = receipt.Code
	}
	if r.VendorID == "" {
		r.VendorID = receipt.VendorID
	}
	if r.Vendor == "" {
		r.Vendor = receipt.Vendor
	}
	return true
}

func (s *Notices) moveByReceipt(ctx context.Context, r notice.Receipt, now time.Time) error {
	read, err := s.lockDelivery(ctx, r.DeliveryID)
	if err != nil {
		return err
	}
	row := read
	if !row.take(r, now) {
		return nil
	}
	return s.saveDelivery(ctx, row, read, now)
}

// TakeReceipt implements notice.Store.
func (s *Notices) TakeReceipt(ctx context.Context, r notice.Receipt) (known bool, err error) {
	err = s.InTx(ctx, func(ctx context.Context) error {
		now, err := s.Now(ctx)
		if err != nil {
			return err
		}
		if _, err := s.lockDelivery(ctx, r.DeliveryID); err != nil {
			if errors.Is(err, models.ErrNotFound) {
				return nil
			}
			return err
		}
		known = true
		res := s.w(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&deliveryReceiptRow{
			DeliveryID: string(r.DeliveryID), Vendor: r.Vendor, VendorID: r.VendorID, Delivered: r.Delivered, Code: r.Code,
			ReportedAt: r.At, ReceivedAt: now,
		})
		if res.Error != nil || res.RowsAffected == 0 {
			return translate(res.Error)
		}
		return s.moveByReceipt(ctx, r, now)
	})
	return known, err
}

// QueueAgain implements notice.Store. It counts as a loss, so that a vendor that denies everything is not asked for ever.
func (s *Notices) QueueAgain(ctx context.Context, id models.ID, attempt int) (again bool, err error) {
	err = s.InTx(ctx, func(ctx context.Context) error {
		now, err := s.Now(ctx)
		if err != nil {
			return err
		}
		read, err := s.lockDelivery(ctx, id)
		if errors.Is(err, models.ErrNotFound) {
			return nil
		}
		if err != nil || read.State != string(notice.Unknown) || read.Attempt != attempt || !read.ExpiresAt.After(now) || read.Losses > notice.MaxLosses {
			return err
		}
		row := read
		row.State, row.Reason, row.DueAt, row.SubmittedAt, row.SettledAt = string(notice.Queued), "never_heard", now, nil, nil
		row.Losses++
		if row, again, err = s.heed(ctx, row.CreatedAt)(row, true); err != nil || !again {
			return err
		}
		return s.saveDelivery(ctx, row, read, now)
	})
	return again, err
}
