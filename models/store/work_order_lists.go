package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/hotline"
)

// OrdersIn lists orders that the reader may see, without text and answer. Ids grow with time, so they are the place.
func (t *WorkOrders) OrdersIn(ctx context.Context, in hotline.OrderQueue, r hotline.OrderReader, p hotline.Page) ([]hotline.WorkOrder, error) {
	place := "w.id DESC"
	if in.OldestFirst {
		place = "w.id"
	}
	return t.list(ctx, inQueue(seenBy(t.orders(ctx, orderLine), r), in, p.After).Order(place).Limit(p.Limit))
}

// CountOrders implements hotline.OrderLists.
func (t *WorkOrders) CountOrders(ctx context.Context, in hotline.OrderQueue, r hotline.OrderReader, after models.ID) (int, error) {
	var n int64
	err := inQueue(seenBy(t.q(ctx).Table("work_orders w").Joins("JOIN enquiries e ON e.id = w.id"), r), in, after).Count(&n).Error
	return int(n), translate(err)
}

// inQueue leaves the orders that a list shows, behind a place in its order.
func inQueue(q *gorm.DB, in hotline.OrderQueue, after models.ID) *gorm.DB {
	switch {
	case in.Number != "":
		q = q.Where("e.number = ?", in.Number)
	case in.Person != "":
		q = q.Where("e.person_id = ?", string(in.Person))
	case in.State != "":
		q = q.Where("w.state = ?", string(in.State))
	default:
		q = q.Where(openOrders)
	}
	if in.Type != "" {
		q = q.Where("w.type = ?", string(in.Type))
	}
	if in.Hotline {
		q = q.Where("w.department = ''")
	} else if in.Department != "" {
		q = q.Where("w.department = ?", in.Department)
	}
	if in.Owner != "" {
		q = q.Where("w.owner_id = ?", string(in.Owner))
	}
	if !in.OverdueAt.IsZero() {
		q = q.Where(openOrders).Where("w.due_at < ?", models.Instant(in.OverdueAt))
	}
	if in.Unowned {
		q = q.Where("w.owner_id IS NULL")
	}
	if after != "" && in.OldestFirst {
		q = q.Where("w.id > ?", string(after))
	} else if after != "" {
		q = q.Where("w.id < ?", string(after))
	}
	return q
}

func (t *WorkOrders) list(ctx context.Context, q *gorm.DB) ([]hotline.WorkOrder, error) {
	var rows []shownOrder
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]hotline.WorkOrder, 0, len(rows))
	for _, r := range rows {
		o, err := t.fromRow(ctx, r)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// OrdersOf reads the orders of enquiries.
func (t *WorkOrders) OrdersOf(ctx context.Context, enquiries []models.ID) ([]hotline.WorkOrder, error) {
	if len(enquiries) == 0 {
		return nil, nil
	}
	ids := make([]string, len(enquiries))
	for i, id := range enquiries {
		ids[i] = string(id)
	}
	return t.list(ctx, t.orders(ctx, orderLine).Where("w.id IN ?", ids))
}

// OnMatter finds a person's orders of one type about one thing. An enquiry that she opened herself about the same payment
// counts as the same matter.
func (t *WorkOrders) OnMatter(ctx context.Context, o hotline.WorkOrder) (open models.ID, over int, err error) {
	var rows []shownOrder
	q := t.orders(ctx, "w.id, w.state").Where("e.person_id = ? AND w.type = ? AND e.object = ? AND e.object_id = ?", string(o.PersonID), string(o.Type), o.Object, o.ObjectID)
	if o.Object == "" {
		q = q.Where("w.programme = ? AND w.department = ?", o.Programme, o.Department)
	}
	if err := q.Order("w.id").Find(&rows).Error; err != nil {
		return "", 0, translate(err)
	}
	for _, r := range rows {
		if hotline.OrderState(r.Row.State) == hotline.OrderClosed {
			over++
		} else {
			open = models.ID(r.Row.ID)
		}
	}
	return open, over, nil
}

// EnquiriesWithoutOrder lists enquiries that wait and have no order yet; they have an index of their own.
func (t *WorkOrders) EnquiriesWithoutOrder(ctx context.Context, limit int) ([]hotline.Enquiry, error) {
	var rows []enquiryRow
	err := t.q(ctx).Where("state = 'received' AND NOT ordered AND NOT " + hasOrder).Order("id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make([]hotline.Enquiry, 0, len(rows))
	for _, r := range rows {
		e, err := t.Enquiries().fromRow(ctx, r)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

const hasOrder = "EXISTS (SELECT 1 FROM work_orders w WHERE w.id = enquiries.id)"

// MarkOrdered implements hotline.OrderLists; the index of enquiries without an order bounds it.
func (t *WorkOrders) MarkOrdered(ctx context.Context, limit int) error {
	return translate(t.w(ctx).Exec(`UPDATE enquiries SET ordered = ? WHERE NOT ordered AND id IN (
		SELECT id FROM enquiries WHERE state = 'received' AND NOT ordered AND `+hasOrder+` ORDER BY id LIMIT ?)`, true, limit).Error)
}

// TakeOverdue marks orders that became overdue, or long overdue. Of two replicas each order is one's.
func (t *WorkOrders) TakeOverdue(ctx context.Context, now time.Time, long bool, limit int) ([]hotline.WorkOrder, error) {
	mark, since := "reminded_at", "due_at"
	if long {
		mark, since = "escalated_at", "escalate_at"
	}
	now = models.Instant(now)
	var due []string
	err := t.q(ctx).Table("work_orders w").Where(openOrders+" AND w."+mark+" IS NULL AND w."+since+" < ?", now).Order("w."+since).Limit(limit).Pluck("w.id", &due).Error
	if err != nil || len(due) == 0 {
		return nil, translate(err)
	}
	var taken []string
	err = t.w(ctx).Raw("UPDATE work_orders AS w SET "+mark+" = ?, version = version + 1 WHERE w.id IN ? AND "+openOrders+" AND w."+mark+" IS NULL RETURNING id", now, due).Scan(&taken).Error
	if err != nil || len(taken) == 0 {
		return nil, translate(err)
	}
	return t.list(ctx, t.orders(ctx, orderLine).Where("w.id IN ?", taken))
}
