package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/hotline"
)

// WorkOrders keeps work orders, each on the enquiry of its id.
type WorkOrders struct{ *DB }

// WorkOrders is the table of work orders and their history.
func (db *DB) WorkOrders() *WorkOrders { return &WorkOrders{db} }

var (
	_ hotline.OrderStore = (*WorkOrders)(nil)
	_ hotline.OrderLists = (*WorkOrders)(nil)
)

type workOrderRow struct {
	ID          string `gorm:"primaryKey"`
	Type        string
	State       string
	Department  string
	District    string
	Programme   string
	OwnerID     *string
	OpenedBy    *string
	CallID      *string
	TextSealed  []byte
	ReasonCode  string
	OpenedAt    time.Time
	AcceptBy    time.Time
	DueAt       time.Time
	EscalateAt  time.Time
	ExtendedAt  *time.Time
	UrgedAt     *time.Time
	Urges       int
	Returns     int
	Misses      int
	Reopens     int
	ReopenedAt  *time.Time
	RemindedAt  *time.Time
	EscalatedAt *time.Time
	AnsweredAt  *time.Time
	ClosedAt    *time.Time
	Version     int
}

func (workOrderRow) TableName() string { return "work_orders" }

// shownOrder is an order with what its enquiry says.
type shownOrder struct {
	Row          workOrderRow `gorm:"embedded"`
	Number       string
	Kind         string
	PersonID     *string
	Object       string
	ObjectID     string
	AnswerSealed []byte
}

const (
	orderWhole = "w.*, e.number, e.kind, e.person_id, e.object, e.object_id, e.answer_sealed"
	orderLine  = `w.id, w.type, w.state, w.department, w.district, w.programme, w.owner_id, w.opened_by, w.call_id, w.reason_code, w.opened_at,
		w.accept_by, w.due_at, w.escalate_at, w.extended_at, w.urged_at, w.urges, w.returns, w.misses, w.reopens, w.reopened_at, w.reminded_at, w.escalated_at,
		w.answered_at, w.closed_at, w.version, e.number, e.kind, e.person_id, e.object, e.object_id`
	openOrders = "w.state NOT IN ('done', 'called_back', 'closed')" // hotline.WorkOrder.Open, as the indexes say it
)

func (t *WorkOrders) orders(ctx context.Context, columns string) *gorm.DB {
	return t.q(ctx).Table("work_orders w").Select(columns).Joins("JOIN enquiries e ON e.id = w.id")
}

// seenBy leaves out what the reader may not see: the condition stands in each query.
func seenBy(q *gorm.DB, r hotline.OrderReader) *gorm.DB {
	if !r.Bound {
		return q
	}
	q = q.Where("w.department = ? AND w.department <> ''", r.Department)
	if r.District != "" {
		q = q.Where("w.district = ?", r.District)
	}
	return q
}

func (t *WorkOrders) fromRow(ctx context.Context, shown shownOrder) (hotline.WorkOrder, error) {
	r := shown.Row
	o := hotline.WorkOrder{
		ID: models.ID(r.ID), PersonID: idOf(shown.PersonID), OpenedBy: idOf(r.OpenedBy), CallID: idOf(r.CallID), Owner: idOf(r.OwnerID),
		Number: shown.Number, Kind: shown.Kind, Object: shown.Object, ObjectID: shown.ObjectID, Type: hotline.OrderType(r.Type), State: hotline.OrderState(r.State),
		Department: r.Department, District: r.District, Programme: r.Programme, ReasonCode: r.ReasonCode, OpenedAt: models.Instant(r.OpenedAt),
		AcceptBy: models.Instant(r.AcceptBy), DueAt: models.Instant(r.DueAt), EscalateAt: models.Instant(r.EscalateAt), ExtendedAt: timeOf(r.ExtendedAt),
		UrgedAt: timeOf(r.UrgedAt), Urges: r.Urges, Returns: r.Returns, Misses: r.Misses, Reopens: r.Reopens, ReopenedAt: timeOf(r.ReopenedAt), RemindedAt: timeOf(r.RemindedAt),
		EscalatedAt: timeOf(r.EscalatedAt), AnsweredAt: timeOf(r.AnsweredAt), ClosedAt: timeOf(r.ClosedAt), Version: r.Version,
	}
	text, err := t.Unseal(ctx, "work_orders", "text_sealed", r.ID, r.TextSealed)
	if err != nil {
		return o, err
	}
	answer, err := t.Unseal(ctx, "enquiries", "answer_sealed", r.ID, shown.AnswerSealed)
	o.Text, o.Answer = string(text), string(answer)
	return o, err
}

func (t *WorkOrders) toRow(ctx context.Context, o hotline.WorkOrder) (workOrderRow, error) {
	text, err := t.Seal(ctx, "work_orders", "text_sealed", string(o.ID), []byte(o.Text))
	return workOrderRow{
		ID: string(o.ID), Type: string(o.Type), State: string(o.State), Department: o.Department, District: o.District, Programme: o.Programme,
		OwnerID: nullID(o.Owner), OpenedBy: nullID(o.OpenedBy), CallID: nullID(o.CallID), TextSealed: text, ReasonCode: o.ReasonCode,
		OpenedAt: models.Instant(o.OpenedAt), AcceptBy: models.Instant(o.AcceptBy), DueAt: models.Instant(o.DueAt), EscalateAt: models.Instant(o.EscalateAt),
		ExtendedAt: nullTime(o.ExtendedAt), UrgedAt: nullTime(o.UrgedAt), Urges: o.Urges, Returns: o.Returns, Misses: o.Misses, Reopens: o.Reopens,
		ReopenedAt: nullTime(o.ReopenedAt), RemindedAt: nullTime(o.RemindedAt), EscalatedAt: nullTime(o.EscalatedAt), AnsweredAt: nullTime(o.AnsweredAt),
		ClosedAt: nullTime(o.ClosedAt), Version: o.Version,
	}, err
}

// HoldPerson implements hotline.OrderStore. Rows that only refer to the person are written meanwhile.
func (t *WorkOrders) HoldPerson(ctx context.Context, person models.ID) error {
	if person == "" || t.driver == SQLite { // there one writes at a time
		return nil
	}
	var id string
	err := translate(t.w(ctx).Raw("SELECT id FROM persons WHERE id = ? FOR NO KEY UPDATE", string(person)).Scan(&id).Error)
	if errors.Is(err, errLockWait) {
		return models.ErrInProgress.Because(err)
	}
	return err
}

// AddOrder opens an enquiry with its order, once per cause.
func (t *WorkOrders) AddOrder(ctx context.Context, e hotline.Enquiry, o hotline.WorkOrder) (opened bool, err error) {
	err = t.InTx(ctx, func(ctx context.Context) error {
		res := t.w(ctx).Exec(`INSERT INTO enquiries (id, number, cause, kind, person_id, object, object_id, district, department,
			state, opened_at, version) VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (cause) DO NOTHING`,
			string(e.ID), e.Number, e.Cause, e.Kind, nullID(e.PersonID), e.Object, e.ObjectID, e.District, e.Department,
			string(e.State), models.Instant(e.OpenedAt), e.Version)
		if res.Error != nil || res.RowsAffected == 0 {
			return translate(res.Error)
		}
		opened, err = t.AdoptOrder(ctx, o)
		return err
	})
	return opened && err == nil, err
}

// AdoptOrder adds the order of an enquiry that waits; of two at once one does. The enquiry is marked, and held meanwhile, so that
// one which ends at that moment leaves no order behind that nobody could end.
func (t *WorkOrders) AdoptOrder(ctx context.Context, o hotline.WorkOrder) (adopted bool, err error) {
	r, err := t.toRow(ctx, o)
	if err != nil {
		return false, err
	}
	err = t.InTx(ctx, func(ctx context.Context) error {
		res := t.w(ctx).Exec("UPDATE enquiries SET ordered = ? WHERE id = ? AND state = 'received'", true, r.ID)
		if res.Error != nil || res.RowsAffected == 0 {
			return translate(res.Error)
		}
		adopted, err = t.addOrder(ctx, r)
		return err
	})
	return adopted && err == nil, err
}

func (t *WorkOrders) addOrder(ctx context.Context, r workOrderRow) (bool, error) {
	res := t.w(ctx).Exec(`INSERT INTO work_orders (id, type, state, department, district, programme, owner_id, opened_by, call_id, text_sealed, reason_code,
		opened_at, accept_by, due_at, escalate_at, urges, returns, misses, reopens, version) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0,0,0,0,?) ON CONFLICT (id) DO NOTHING`,
		r.ID, r.Type, r.State, r.Department, r.District, r.Programme, r.OwnerID, r.OpenedBy, r.CallID, r.TextSealed, r.ReasonCode,
		r.OpenedAt, r.AcceptBy, r.DueAt, r.EscalateAt, r.Version)
	return res.RowsAffected == 1, translate(res.Error)
}

// OrderByID reads an order that the reader may see.
func (t *WorkOrders) OrderByID(ctx context.Context, id models.ID, r hotline.OrderReader) (hotline.WorkOrder, error) {
	var row shownOrder
	if err := seenBy(t.orders(ctx, orderWhole), r).Where("w.id = ?", string(id)).Take(&row).Error; err != nil {
		return hotline.WorkOrder{}, translate(err)
	}
	return t.fromRow(ctx, row)
}

// UpdateOrder writes an order that nobody changed meanwhile and that the reader may see as it stands.
func (t *WorkOrders) UpdateOrder(ctx context.Context, o hotline.WorkOrder, from hotline.OrderState, r hotline.OrderReader) error {
	row, err := t.toRow(ctx, o)
	if err != nil {
		return err
	}
	q := t.w(ctx).Table("work_orders AS w").Where("w.id = ? AND w.state = ? AND w.version = ?", row.ID, string(from), o.Version)
	return guarded(seenBy(q, r).Updates(map[string]any{
		"state": row.State, "department": row.Department, "district": row.District, "programme": row.Programme, "owner_id": row.OwnerID,
		"reason_code": row.ReasonCode, "accept_by": row.AcceptBy, "due_at": row.DueAt, "escalate_at": row.EscalateAt, "extended_at": row.ExtendedAt,
		"urged_at": row.UrgedAt, "urges": row.Urges, "returns": row.Returns, "misses": row.Misses, "reopens": row.Reopens, "reopened_at": row.ReopenedAt,
		"reminded_at": row.RemindedAt, "escalated_at": row.EscalatedAt, "answered_at": row.AnsweredAt, "closed_at": row.ClosedAt, "version": row.Version + 1,
	}))
}

type orderStepRow struct {
	ID         string `gorm:"primaryKey"`
	OrderID    string
	At         time.Time
	ActorKind  string
	StaffID    *string
	Act        string
	FromState  string
	ToState    string
	Code       string
	NoteSealed []byte
}

func (orderStepRow) TableName() string { return "work_order_steps" }

// AddStep writes one act of an order's history.
func (t *WorkOrders) AddStep(ctx context.Context, s hotline.OrderStep) error {
	note, err := t.Seal(ctx, "work_order_steps", "note_sealed", string(s.ID), []byte(s.Note))
	if err != nil {
		return err
	}
	return translate(t.w(ctx).Create(&orderStepRow{
		ID: string(s.ID), OrderID: string(s.OrderID), At: models.Instant(s.At), ActorKind: string(s.By), StaffID: nullID(s.StaffID), Act: string(s.Act),
		FromState: string(s.From), ToState: string(s.To), Code: s.Code, NoteSealed: note,
	}).Error)
}

// StepsOf reads the history of an order, oldest first.
func (t *WorkOrders) StepsOf(ctx context.Context, order models.ID) ([]hotline.OrderStep, error) {
	var rows []orderStepRow
	if err := t.q(ctx).Where("order_id = ?", string(order)).Order("id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]hotline.OrderStep, 0, len(rows))
	for _, r := range rows {
		note, err := t.Unseal(ctx, "work_order_steps", "note_sealed", r.ID, r.NoteSealed)
		if err != nil {
			return nil, err
		}
		out = append(out, hotline.OrderStep{
			ID: models.ID(r.ID), OrderID: order, At: models.Instant(r.At), By: models.ActorKind(r.ActorKind), StaffID: idOf(r.StaffID), Act: hotline.OrderEvent(r.Act),
			From: hotline.OrderState(r.FromState), To: hotline.OrderState(r.ToState), Code: r.Code, Note: string(note),
		})
	}
	return out, nil
}
