package hotline

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"onecard/models"
	"onecard/models/audit"
)

// OpenOrderInput is what an agent writes down for a caller.
type OpenOrderInput struct {
	Type      OrderType
	Programme string // routes the order to the department that pays it
	District  string // of a caller who was not verified; else the person's own
	Object    string // what it is about: loss_reports, applications, replacements, payments
	ObjectID  string
	Text      string
}

// orderObjects are the things an order may be about.
var orderObjects = []string{"", "loss_reports", "applications", "replacements", "payments", "programmes"}

var objectIDForm = regexp.MustCompile(`^[0-9A-Za-z._:-]{1,96}$`)

func (in OpenOrderInput) checked() (OpenOrderInput, []models.FieldError) {
	var wrong []models.FieldError
	in.Text, wrong = checkedText("text", in.Text, 2, 1000, false)
	refuse := func(bad bool, field, message string) {
		if bad {
			wrong = append(wrong, models.FieldError{Field: field, Code: "FORMAT", Message: message})
		}
	}
	refuse(!slices.Contains(openedByAgents, in.Type), "type", "请选择工单类型。")
	refuse(in.District != "" && !districtForm.MatchString(in.District), "district", "请选择所在县区。")
	refuse(!slices.Contains(orderObjects, in.Object), "object", "请选择工单所关联的业务。")
	refuse((in.Object == "") != (in.ObjectID == "") || in.ObjectID != "" && !objectIDForm.MatchString(in.ObjectID), "object_id", "请选择工单所关联的业务记录。")
	return in, wrong
}

// OpenOrder opens a work order in the agent's own call, also after the hang-up while notes are taken, about the verified caller or, unverified, about no one. The
// same matter of a person is one order while it is not over: then what is asked now stands in its history, the answer is that
// order, which is a look at her (R59), and opened is false.
func (s *Orders) OpenOrder(ctx context.Context, by models.Actor, callID models.ID, in OpenOrderInput) (o WorkOrder, opened bool, err error) {
	call, err := s.ownCall(ctx, by, callID)
	if err != nil {
		return s.orderDecided(ctx, by, callID, err)
	}
	in, wrong := in.checked()
	if len(wrong) > 0 {
		return WorkOrder{}, false, models.InvalidInput(wrong...)
	}
	now := models.Instant(s.Clock.Now())
	o = WorkOrder{
		ID: models.NewID(), PersonID: call.PersonID, OpenedBy: by.ID, CallID: call.ID, Kind: string(in.Type), Type: in.Type, State: OrderNew,
		Object: in.Object, ObjectID: in.ObjectID, District: in.District, Text: in.Text, OpenedAt: now, Version: 1,
	}
	if err := s.route(ctx, &o, in.Programme); err != nil {
		return WorkOrder{}, false, err
	}
	if err := s.setDates(ctx, &o); err != nil {
		return WorkOrder{}, false, err
	}
	by.CallID, by.Subject = call.ID, call.PersonID
	var seen Seen
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		var repeated bool
		if o, opened, repeated, err = s.openOnce(ctx, by, o); err != nil || opened || repeated {
			return err
		}
		if err := s.step(ctx, by, o, o.State, OrderStep{Act: OrderAdd, Code: string(in.Type), Note: in.Text}); err != nil || o.PersonID == "" {
			return err
		}
		seen, err = s.lookAtOrder(ctx, by, call)
		return err
	})
	if err != nil {
		return WorkOrder{}, false, err
	}
	if seen.Person.ID != "" {
		if err := s.heed(ctx, by, call.ID, seen); err != nil {
			return WorkOrder{}, false, err
		}
	}
	return o, opened, s.shown(ctx, Staff{}, &o)
}

// orderDecided is the order of the very same request, if there was one before its call was closed; else the refusal.
func (s *Orders) orderDecided(ctx context.Context, by models.Actor, call models.ID, refusal error) (WorkOrder, bool, error) {
	prior, err := s.Journal.Remembered(ctx, by)
	if err != nil {
		return WorkOrder{}, false, err
	}
	if prior == "" {
		return WorkOrder{}, false, refusal
	}
	o, err := s.WorkOrders.OrderByID(ctx, models.ID(prior), OrderReader{})
	if err != nil {
		return WorkOrder{}, false, err
	}
	return o, o.openedIn(by, call), s.shown(ctx, Staff{}, &o)
}

// openedIn reports whether by opened the order in this call; else it stood when she asked.
func (o WorkOrder) openedIn(by models.Actor, call models.ID) bool {
	return o.OpenedBy == by.ID && o.CallID == call
}

// lookAtOrder is the look by which an order that was there is answered. After the hang-up it is counted all the same.
func (s *Orders) lookAtOrder(ctx context.Context, by models.Actor, call Call) (Seen, error) {
	if call.EndedAt.IsZero() {
		return s.look(ctx, by, call.ID, SeesOrders)
	}
	if _, err := s.openPerson(ctx, call); err != nil {
		return Seen{}, err
	}
	if _, err := s.countLookUp(ctx, by, call, call.PersonID, string(SeesOrders)); err != nil {
		return Seen{}, err
	}
	return Seen{}, s.record(ctx, by, SeesOrders.Action(), "calls", string(call.ID), "done")
}

// route sends an order to the department that pays the programme, or leaves it with the hotline. A complaint stays with the
// hotline, whatever it is about: the department complained of never meets it (R68). The district is the person's own where she
// is known.
func (s *Orders) route(ctx context.Context, o *WorkOrder, programme string) error {
	if o.PersonID != "" && o.District == "" {
		p, err := s.People.PersonByID(ctx, o.PersonID)
		if err != nil {
			return err
		}
		o.District = p.District
	}
	if programme == "" {
		return nil
	}
	department, code, known, err := s.Routes.PayingDepartment(ctx, programme)
	if err != nil {
		return err
	}
	if !known {
		return ErrProgrammeUnknown
	}
	if o.Type == OrderComplaint {
		department = ""
	}
	o.Department, o.Programme = department, code
	return nil
}

// openOnce opens the order of a matter, or gives the one that is open on it; the request is remembered under whichever is
// answered, and repeated it is that.
func (s *Orders) openOnce(ctx context.Context, by models.Actor, o WorkOrder) (_ WorkOrder, opened, repeated bool, err error) {
	if err := s.WorkOrders.HoldPerson(ctx, o.PersonID); err != nil {
		return o, false, false, err
	}
	stands, cause, err := s.onMatter(ctx, o)
	if err != nil {
		return o, false, false, err
	}
	prior, err := s.Journal.Remember(ctx, by, "work_orders", string(cmp.Or(stands, o.ID)))
	if err != nil {
		return o, false, false, err
	}
	if id := cmp.Or(models.ID(prior), stands); id != "" {
		call := o.CallID
		o, err = s.WorkOrders.OrderByID(ctx, id, OrderReader{})
		return o, prior != "" && o.openedIn(by, call), prior != "", err
	}
	o, opened, err = s.openFor(ctx, by, o, cause)
	return o, opened, false, err
}

// onMatter is the order that stands on a matter, if any, and the cause of a new one. It counts what is over on the matter: two
// who open the same at once write the same cause, and one of them finds the other's. Of nobody's, a call has one.
func (s *Orders) onMatter(ctx context.Context, o WorkOrder) (stands models.ID, cause string, err error) {
	matter, over := "call:"+string(o.CallID), 0
	if o.PersonID != "" {
		matter = "person:" + string(o.PersonID)
		if stands, over, err = s.Lists.OnMatter(ctx, o); err != nil {
			return "", "", err
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%s|%s|%s|%s", matter, o.Type, o.Department, o.Programme, o.Object, o.ObjectID))
	cause = fmt.Sprintf("order:%s:%d", hex.EncodeToString(sum[:16]), over)
	if stands == "" {
		stands, err = s.byCause(ctx, cause)
	}
	return stands, cause, err
}

// openFor opens an order for a cause, once, with its enquiry, first step and audit entries.
func (s *Orders) openFor(ctx context.Context, by models.Actor, o WorkOrder, cause string) (WorkOrder, bool, error) {
	n, err := s.Lists.NextNumber(ctx, "enquiry", models.DateOf(o.OpenedAt))
	if err != nil {
		return o, false, err
	}
	o.Number = models.ReceiptNumber(o.OpenedAt, n)
	e := Enquiry{
		ID: o.ID, Number: o.Number, Cause: cause, Kind: o.Kind, PersonID: o.PersonID, Object: o.Object, ObjectID: o.ObjectID,
		District: o.District, Department: o.Department, State: EnquiryReceived, OpenedAt: o.OpenedAt, Version: 1,
	}
	opened, err := s.WorkOrders.AddOrder(ctx, e, o)
	if err != nil {
		return o, false, err
	}
	if !opened {
		e, err := s.Enquiries.EnquiryByCause(ctx, cause)
		if err != nil {
			return o, false, err
		}
		o, err = s.WorkOrders.OrderByID(ctx, e.ID, OrderReader{})
		return o, false, err
	}
	entry := audit.Of(by, o.OpenedAt, "hotline.enquiry.opened", "enquiries", string(o.ID), string(EnquiryReceived)).About(o.PersonID)
	if err := s.Journal.RecordAudit(ctx, entry.Noting("kind", o.Kind).Noting("object", o.Object)); err != nil {
		return o, false, err
	}
	return o, true, s.step(ctx, by, o, o.State, OrderStep{Act: OrderOpened, Code: string(o.Type)})
}

// AdoptEnquiries gives every enquiry that waits its work order: those that other capabilities open in their own commits,
// those of an older release, and a loss that was not confirmed in ten minutes (R66). The dates count from when the
// enquiry was opened, so it does not matter when this runs.
func (s *Orders) AdoptEnquiries(ctx context.Context, limit int) (int, error) {
	failed := s.Lists.MarkOrdered(ctx, limit)
	found, err := s.Lists.EnquiriesWithoutOrder(ctx, limit)
	if err != nil {
		return 0, errors.Join(failed, err)
	}
	n := 0
	for _, e := range found {
		if err := s.adopt(ctx, e); err != nil { // the next one is not kept waiting by it
			failed = errors.Join(failed, err)
			continue
		}
		n++
	}
	return n, failed
}

func (s *Orders) adopt(ctx context.Context, e Enquiry) error {
	o := WorkOrder{
		ID: e.ID, PersonID: e.PersonID, Number: e.Number, Kind: e.Kind, Object: e.Object, ObjectID: e.ObjectID, Type: typeOfCase(e.Kind),
		State: OrderNew, District: e.District, OpenedAt: e.OpenedAt, Version: 1,
	}
	if o.Type == OrderSubsidy {
		o.Department = FirstDepartment(e.Department)
	}
	programme := ""
	if e.Object == "programmes" && o.Department == "" {
		programme = e.ObjectID
	}
	err := s.route(ctx, &o, programme)
	if ErrProgrammeUnknown.Is(err) || models.KindOf(err) == models.NotFound { // a programme of another release, a merged person: the hotline's
		err = nil
	}
	if err != nil {
		return err
	}
	if err := s.setDates(ctx, &o); err != nil {
		return err
	}
	return s.Journal.InTx(ctx, func(ctx context.Context) error {
		adopted, err := s.WorkOrders.AdoptOrder(ctx, o)
		if err != nil || !adopted {
			return err
		}
		return s.step(ctx, models.System(), o, o.State, OrderStep{Act: OrderOpened, Code: string(o.Type)})
	})
}
