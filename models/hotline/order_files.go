package hotline

import (
	"context"
	"errors"
	"strconv"
	"time"

	"onecard/models"
)

// Districts without a log-in get their orders as a signed file and send answers back in one. The signature and the form are
// an adapter's; what counts as an answer is decided here, line by line.

// OrderFile is what one district's department takes out at once.
type OrderFile struct {
	ID         models.ID
	Number     int // of this department and district, without a gap
	Department string
	District   string
	MadeBy     string // the watermark: who took it out
	MadeAt     time.Time
	Lines      []OrderFileLine
	Left       int // how many more wait behind the last line; the next file begins after it
}

// After is the number of the last order, behind which the next file begins; empty where nothing is left.
func (f OrderFile) After() string {
	if f.Left == 0 || len(f.Lines) == 0 {
		return ""
	}
	return f.Lines[len(f.Lines)-1].Order.Number
}

// OrderFileMade is a file as it goes out, and what is left behind it.
type OrderFileMade struct {
	File  []byte
	Name  string
	Left  int
	After string // the number behind which the next file begins; empty where nothing is left
}

// OrderFileLine is one order of a file, with what the department needs and nothing else.
type OrderFileLine struct {
	Line   int
	Order  WorkOrder
	Person string // masked
}

// AnswerFile is a file of answers whose head was read; a line that could not be believed has a Fault.
type AnswerFile struct {
	Department, District string // whose key fits
	Lines                []AnswerLine
}

// AnswerLine is one answer.
type AnswerLine struct {
	File       models.ID
	Line       int
	Order      string // number
	ReasonCode string
	Answer     string
	Fault      LineVerdict // "" or tampered
}

// LineVerdict is what became of one line.
type LineVerdict string

// The verdicts.
const (
	LineTaken    LineVerdict = "taken"
	LineRepeated LineVerdict = "repeated" // taken before: twice is once
	LineTampered LineVerdict = "tampered" // unreadable, or its signature does not fit
	LineForeign  LineVerdict = "foreign"  // of no file of this department and district
	LineStale    LineVerdict = "stale"    // too late, answered or moved meanwhile
	LineRefused  LineVerdict = "refused"  // the answer may not stand: see the codes
)

// LineReport says what became of one line of a file; it repeats no answer.
type LineReport struct {
	Line    int
	Order   string
	Verdict LineVerdict
	Codes   []string
}

// OrderFiles keeps which orders went out in which file.
type OrderFiles interface {
	// AddFile writes a file and its lines, with the next number of its department and district.
	AddFile(ctx context.Context, f OrderFile) (number int, err error)
	// FileLine reads one line of a file; models.ErrNotFound.
	FileLine(ctx context.Context, file models.ID, line int) (FileLine, error)
	// WentOut reports whether an order stood in a file of a department's district.
	WentOut(ctx context.Context, department, district string, order models.ID) (bool, error)
	MarkLine(ctx context.Context, file models.ID, line int, at time.Time) error // models.ErrConflict where it was answered
}

// FileLine is a line that went out.
type FileLine struct {
	Department, District string
	MadeAt               time.Time
	Order                models.ID
	AnsweredAt           time.Time
}

// mostLines bounds one file.
const mostLines = 500

// ErrNoOrders says that there is nothing to take out.
var ErrNoOrders = models.NewError(models.Conflict, "NO_ORDERS_TO_EXPORT", "这个部门和县区没有待办工单,不需要导出。请核对部门和县区,或联系12333班长。")

// exchanger lets a supervisor or the machine's operator exchange files.
func (s *Orders) exchanger(ctx context.Context, by models.Actor) (madeBy string, err error) {
	if by == Operator() {
		return "operator", nil
	}
	m, err := s.member(ctx, by, MaySupervise)
	return m.Login, err
}

// ExportOrders takes out the orders that wait in the queue of a department's district and that nobody with a log-in has, the
// oldest first: as many as a file holds, behind the order whose number is after, if one is given, and how many are left. Who
// took them out stands in the file, in each order's history and in the audit. A member of staff has so many files a day:
// ErrExportsUsedUp, which is written down as well. ErrNoOrders.
func (s *Orders) ExportOrders(ctx context.Context, by models.Actor, department, district, after string) (OrderFile, error) {
	madeBy, err := s.exchanger(ctx, by)
	if err != nil {
		return OrderFile{}, err
	}
	if department == "" || !districtForm.MatchString(district) {
		return OrderFile{}, models.InvalidInput(models.FieldError{Field: "district", Code: "FORMAT", Message: "请填写部门和县区。"})
	}
	reader := OrderReader{Bound: true, Department: department, District: district}
	f := OrderFile{ID: models.NewID(), Department: department, District: district, MadeBy: madeBy, MadeAt: models.Instant(s.Clock.Now())}
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		place, err := s.placeAfter(ctx, reader, after)
		if err != nil {
			return err
		}
		waiting := OrderQueue{Unowned: true, OldestFirst: true}
		list, err := s.Lists.OrdersIn(ctx, waiting, reader, Page{After: place, Limit: mostLines})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrNoOrders
		}
		if f.Left, err = s.Lists.CountOrders(ctx, waiting, reader, list[len(list)-1].ID); err != nil {
			return err
		}
		if err := s.fileOrders(ctx, by, &f, list); err != nil {
			return err
		}
		if by != Operator() { // who has the machine has the table too
			e := Export{ID: f.ID, StaffID: by.ID, Kind: ExportOrderFile, From: models.DateOf(f.MadeAt), To: models.DateOf(f.MadeAt), Lines: len(f.Lines), MadeAt: f.MadeAt}
			if err := s.countExport(ctx, e, s.limits().OrderFilesPerDay, ExportOrderFile); err != nil {
				return err
			}
		}
		if f.Number, err = s.Files.AddFile(ctx, f); err != nil {
			return err
		}
		return s.record(ctx, by, "hotline.order_file.exported", "order_files", string(f.ID), "done",
			"lines", strconv.Itoa(len(f.Lines)), "left", strconv.Itoa(f.Left))
	})
	if ErrExportsUsedUp.Is(err) {
		return OrderFile{}, s.refuseExport(ctx, by, ExportOrderFile, err)
	}
	return f, err
}

// placeAfter is the order that a number names, if the reader sees it or it once went out in a file of the reader's: the last one
// of a file may have moved on meanwhile, and is a place all the same.
func (s *Orders) placeAfter(ctx context.Context, r OrderReader, number string) (models.ID, error) {
	if number == "" {
		return "", nil
	}
	found, err := s.Lists.OrdersIn(ctx, OrderQueue{Number: number}, OrderReader{}, Page{Limit: 1})
	if err != nil {
		return "", err
	}
	known := len(found) > 0 && found[0].Department == r.Department && found[0].District == r.District
	if len(found) > 0 && !known {
		if known, err = s.Files.WentOut(ctx, r.Department, r.District, found[0].ID); err != nil {
			return "", err
		}
	}
	if !known {
		return "", models.InvalidInput(models.FieldError{Field: "after", Code: "UNKNOWN", Message: "没有这个编号的工单,请核对上一个文件的最后一个编号。"})
	}
	return found[0].ID, nil
}

// fileOrders writes orders into a file and that into their history.
func (s *Orders) fileOrders(ctx context.Context, by models.Actor, f *OrderFile, list []WorkOrder) error {
	normal, err := s.Routes.NormalProgrammes(ctx)
	if err != nil {
		return err
	}
	for _, o := range list {
		line, err := s.fileLine(ctx, o.ID, len(f.Lines)+1)
		if err != nil {
			return err
		}
		line.Order.neutral(normal) // the file goes through hands of the hotline's
		f.Lines = append(f.Lines, line)
		if err := s.step(ctx, by, line.Order, line.Order.State, OrderStep{Act: OrderExported}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Orders) fileLine(ctx context.Context, id models.ID, n int) (OrderFileLine, error) {
	o, err := s.WorkOrders.OrderByID(ctx, id, OrderReader{})
	if err != nil || o.PersonID == "" {
		return OrderFileLine{Line: n, Order: o}, err
	}
	p, err := s.People.PersonByID(ctx, o.PersonID)
	if errors.Is(err, models.ErrNotFound) {
		err = nil
	}
	return OrderFileLine{Line: n, Order: o, Person: p.Name.String()}, err
}

// ImportAnswers takes answers back, each line in a commit of its own, and says of each what became of it: one bad line
// keeps no other out. The same file twice is the same as once.
func (s *Orders) ImportAnswers(ctx context.Context, by models.Actor, f AnswerFile) ([]LineReport, error) {
	if _, err := s.exchanger(ctx, by); err != nil {
		return nil, err
	}
	t, err := s.Policy.OrderTerms(ctx, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	out := make([]LineReport, 0, len(f.Lines))
	for _, l := range f.Lines {
		r := LineReport{Line: l.Line, Order: l.Order, Verdict: l.Fault}
		if r.Verdict == "" {
			if r, err = s.importLine(ctx, by, f, l, t); err != nil {
				return out, err
			}
		}
		out = append(out, r)
	}
	counts := map[LineVerdict]int{}
	for _, r := range out {
		counts[r.Verdict]++
	}
	result := "done"
	if len(out) > counts[LineTaken]+counts[LineRepeated] {
		result = "in_part"
	}
	return out, s.record(ctx, by, "hotline.order_file.imported", "order_files", f.Department+"/"+f.District, result)
}

func (s *Orders) importLine(ctx context.Context, by models.Actor, f AnswerFile, l AnswerLine, t OrderTerms) (LineReport, error) {
	r := LineReport{Line: l.Line, Order: l.Order}
	now := s.Clock.Now()
	err := s.Journal.InTx(ctx, func(ctx context.Context) error {
		sent, err := s.Files.FileLine(ctx, l.File, l.Line)
		if errors.Is(err, models.ErrNotFound) || err == nil && (sent.Department != f.Department || sent.District != f.District) {
			r.Verdict = LineForeign
			return nil
		}
		if err != nil {
			return err
		}
		o, err := s.WorkOrders.OrderByID(ctx, sent.Order, OrderReader{})
		if err != nil {
			return err
		}
		switch {
		case o.Number != l.Order:
			r.Verdict = LineForeign
		case !sent.AnsweredAt.IsZero():
			r.Verdict = LineRepeated
		case now.After(endOf(models.DateOf(sent.MadeAt.AddDate(0, 0, t.ExchangeDays)))), !o.Open(), o.Owner != "",
			o.Department != sent.Department, o.District != sent.District, o.ReopenedAt.After(sent.MadeAt):
			r.Verdict = LineStale
		}
		if r.Verdict != "" {
			return nil
		}
		text, err := checkedAnswer(l.ReasonCode, l.Answer)
		if err != nil {
			r.Verdict, r.Codes = LineRefused, codesOf(err)
			return nil
		}
		r.Verdict = LineTaken
		if err := s.Files.MarkLine(ctx, l.File, l.Line, now); err != nil {
			return err
		}
		from := o.State
		to, err := OrderFlow.Next(from, OrderAnswer)
		if err != nil {
			return ErrOrderState.Because(err)
		}
		if err := s.answer(ctx, by, &o, l.ReasonCode, text); err != nil {
			return err
		}
		o.State = to
		return s.write(ctx, by, &o, from, OrderReader{}, OrderStep{Act: OrderAnswer, Code: l.ReasonCode, Note: text})
	})
	if errors.Is(err, models.ErrConflict) || ErrOrderTaken.Is(err) { // somebody was first
		return LineReport{Line: l.Line, Order: l.Order, Verdict: LineStale}, nil
	}
	return r, err
}

// codesOf are the codes of wrong fields, never their values.
func codesOf(err error) []string {
	var e *models.Error
	if !errors.As(err, &e) {
		return nil
	}
	out := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		out[i] = f.Field + ":" + f.Code
	}
	return out
}
