package hotline

import (
	"context"
	"errors"
	"slices"
	"strings"

	"onecard/models"
)

// AssignOrder gives an order to a member of staff who works in its queue. A supervisor assigns any, a liaison the own
// department's.
func (s *Orders) AssignOrder(ctx context.Context, by models.Actor, id, to models.ID) (WorkOrder, error) {
	return s.act(ctx, by, id, OrderAssign, func(ctx context.Context, m Staff, o *WorkOrder) (string, string, error) {
		if !m.assigns(*o) {
			return "", "", ErrOrderNotYours
		}
		target, err := s.Staff.StaffByID(ctx, to)
		if errors.Is(err, models.ErrNotFound) || err == nil && !target.inQueue(*o) {
			return "", "", models.InvalidInput(models.FieldError{Field: "staff_id", Code: "NOT_IN_QUEUE", Message: "请选择本队列的承办人。"})
		}
		o.Owner = to
		return "", "", err
	})
}

// AcceptOrder takes an order out of the queue one works in, or one that was assigned to oneself. Of two at once one wins.
func (s *Orders) AcceptOrder(ctx context.Context, by models.Actor, id models.ID) (WorkOrder, error) {
	return s.act(ctx, by, id, OrderAccept, func(_ context.Context, m Staff, o *WorkOrder) (string, string, error) {
		if !m.inQueue(*o) || o.Owner != "" && o.Owner != m.ID {
			return "", "", ErrOrderNotYours
		}
		o.Owner = m.ID
		return "", "", nil
	})
}

// TransferReasons are why an order goes to another queue.
var TransferReasons = []string{"paying_department", "wrong_department", "completed", "other"}

// TransferInput is where an order goes: to the department that pays a programme, or back to the hotline with none.
type TransferInput struct {
	Programme string
	District  string // empty: as it is
	Reason    string
	Note      string
}

// TransferOrder sends an order to another queue, where nobody has taken it yet. Its clock goes on. A complaint leaves the
// hotline's queue for none: ErrComplaintStays (R68).
func (s *Orders) TransferOrder(ctx context.Context, by models.Actor, id models.ID, in TransferInput) (WorkOrder, error) {
	note, wrong := checkedText("note", in.Note, 2, 500, false)
	if !slices.Contains(TransferReasons, in.Reason) {
		wrong = append(wrong, models.FieldError{Field: "reason", Code: "REQUIRED", Message: "请选择转办原因。"})
	}
	if in.District != "" && !districtForm.MatchString(in.District) {
		wrong = append(wrong, models.FieldError{Field: "district", Code: "FORMAT", Message: "请选择所在县区。"})
	}
	if len(wrong) > 0 {
		return WorkOrder{}, models.InvalidInput(wrong...)
	}
	return s.act(ctx, by, id, OrderTransfer, func(ctx context.Context, m Staff, o *WorkOrder) (string, string, error) {
		if !m.handles(*o) {
			return "", "", ErrOrderNotYours
		}
		if o.Type == OrderComplaint && in.Programme != "" {
			return "", "", ErrComplaintStays
		}
		o.Owner, o.Department, o.Programme = "", "", ""
		if in.District != "" {
			o.District = in.District
		}
		return in.Reason, note, s.route(ctx, o, in.Programme)
	})
}

// ReturnOrder sends an order back to the hotline with everything that is missing, all at once (一次性告知, R69); how often
// an order came back is counted. Only a department's order has somebody to go back to.
func (s *Orders) ReturnOrder(ctx context.Context, by models.Actor, id models.ID, missing []string) (WorkOrder, error) {
	var wrong []models.FieldError
	for i, item := range missing {
		var bad []models.FieldError
		if missing[i], bad = checkedText("missing", item, 2, 100, false); bad != nil {
			wrong = append(wrong, bad...)
		}
	}
	if n := len(missing); n == 0 || n > 10 {
		wrong = append(wrong, models.FieldError{Field: "missing", Code: "REQUIRED", Message: "请一次写明全部缺少的内容(1至10项)。"})
	}
	if len(wrong) > 0 {
		return WorkOrder{}, models.InvalidInput(wrong...)
	}
	return s.act(ctx, by, id, OrderReturn, func(_ context.Context, m Staff, o *WorkOrder) (string, string, error) {
		if o.Department == "" || !m.handles(*o) {
			return "", "", ErrOrderNotYours
		}
		o.Department, o.Owner = "", ""
		o.Returns++
		return "", strings.Join(missing, ";"), nil
	})
}
