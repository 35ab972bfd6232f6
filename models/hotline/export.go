package hotline

import (
	"bytes"
	"context"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"onecard/models"
)

// ExportKind is what is exported.
type ExportKind string

// The exports.
const (
	ExportCalls     ExportKind = "calls"
	ExportEnquiries ExportKind = "enquiries"
	ExportOrders    ExportKind = "work_orders"
	ExportOrderFile ExportKind = "order_file" // counted by itself: a signed file for a district (ExportOrders of Orders)
)

// Export is one file that was made: the row that says who took what, and the file.
type Export struct {
	ID      models.ID
	StaffID models.ID
	Kind    ExportKind
	From    models.Date
	To      models.Date // the last day, included
	Lines   int
	MadeAt  time.Time
	File    []byte
}

// ExportStore reads for exports and counts them.
type ExportStore interface {
	// HoldExports keeps an agent's exports of a day for this transaction alone and counts those of the kinds.
	HoldExports(ctx context.Context, staff models.ID, day models.Date, kinds ...ExportKind) (int, error)
	AddExport(ctx context.Context, e Export) error
	// CallLines, EnquiryLines and OrderLines are at most limit lines of a window, oldest first: no person, no number, no free text.
	CallLines(ctx context.Context, from, to time.Time, limit int) ([][]string, error)
	EnquiryLines(ctx context.Context, from, to time.Time, limit int) ([][]string, error)
	OrderLines(ctx context.Context, from, to time.Time, limit int) ([][]string, error)
}

var exportHeads = map[ExportKind][]string{
	ExportCalls:     {"通话编号", "坐席", "开始时间", "结束时间", "时长(秒)", "来源", "核验等级", "核验方式", "结果", "区县", "部门"},
	ExportEnquiries: {"编号", "类别", "状态", "登记时间", "答复时间", "办结时间", "区县", "部门"},
	ExportOrders: {"编号", "类型", "来由", "状态", "登记时间", "受理期限", "办理期限", "延期时间", "最近催办时间", "催办次数", "退回次数", "回访未接次数",
		"重新办理时间", "答复时间", "答复原因", "办结时间", "区县", "部门"},
}

// Export writes the calls, enquiries or work orders of a window of days for a supervisor, as CSV with a line that names who took it, when, and
// under which number. Nothing in it is about a caller. ErrExportWindow without a window, ErrExportTooLarge for one that is
// longer or holds more than an export may, ErrExportsUsedUp after the day's number of them.
func (s *Service) Export(ctx context.Context, by models.Actor, kind ExportKind, from, to models.Date) (Export, error) {
	m, err := s.member(ctx, by, MaySupervise)
	if err != nil {
		return Export{}, err
	}
	l, now := s.limits(), s.Clock.Now()
	begin, last := from.Start(), to.Start()
	if begin.IsZero() || last.Before(begin) || exportHeads[kind] == nil {
		return Export{}, ErrExportWindow
	}
	end := models.NextMidnight(last)
	if end.Sub(begin) > time.Duration(l.ExportDays)*24*time.Hour {
		return Export{}, s.refuseExport(ctx, by, kind, ErrExportTooLarge)
	}
	read := map[ExportKind]func(context.Context, time.Time, time.Time, int) ([][]string, error){
		ExportCalls: s.Exports.CallLines, ExportEnquiries: s.Exports.EnquiryLines, ExportOrders: s.Exports.OrderLines,
	}[kind]
	lines, err := read(ctx, begin, end, l.ExportLines+1)
	if err != nil {
		return Export{}, err
	}
	if len(lines) > l.ExportLines {
		return Export{}, s.refuseExport(ctx, by, kind, ErrExportTooLarge)
	}
	e := Export{ID: models.NewID(), StaffID: m.ID, Kind: kind, From: from, To: to, Lines: len(lines), MadeAt: now}
	if e.File, err = writeExport(e, m, lines); err != nil {
		return Export{}, err
	}
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := s.countExport(ctx, e, l.ExportsPerDay, ExportCalls, ExportEnquiries, ExportOrders); err != nil {
			return err
		}
		by.CallID, by.Subject = "", ""
		return s.record(ctx, by, "hotline.export.made", "call_exports", string(e.ID), "done", "kind", string(kind), "from", string(from), "to", string(to),
			"lines", strconv.Itoa(e.Lines))
	})
	if ErrExportsUsedUp.Is(err) {
		return Export{}, s.refuseExport(ctx, by, kind, err)
	}
	return e, err
}

// countExport writes an export down, unless as many of the kinds were made that day as may be: ErrExportsUsedUp. It holds the
// account, so that of many at once each counts those before it.
func (s *Service) countExport(ctx context.Context, e Export, most int, kinds ...ExportKind) error {
	n, err := s.Exports.HoldExports(ctx, e.StaffID, models.DateOf(e.MadeAt), kinds...)
	if err != nil {
		return err
	}
	if n >= most {
		return ErrExportsUsedUp.After(models.NextMidnight(e.MadeAt).Sub(e.MadeAt))
	}
	return s.Exports.AddExport(ctx, e)
}

// refuseExport writes a refused export down: asking for everything is a thing to know of.
func (s *Service) refuseExport(ctx context.Context, by models.Actor, kind ExportKind, refusal error) error {
	by.CallID, by.Subject = "", ""
	code := ErrExportTooLarge.Code
	if ErrExportsUsedUp.Is(refusal) {
		code = ErrExportsUsedUp.Code
	}
	if err := s.record(ctx, by, "hotline.export.refused", "call_exports", "", "refused", "kind", string(kind), "code", code); err != nil {
		return err
	}
	return refusal
}

// writeExport is the file: a mark for spreadsheets that it is UTF-8, the watermark, the heads, the lines, the watermark again.
func writeExport(e Export, m Staff, lines [][]string) ([]byte, error) {
	b := bytes.NewBufferString("\uFEFF")
	w := csv.NewWriter(b)
	mark := []string{"导出人 " + m.Login + " " + m.Name.String() + ",时间 " + e.MadeAt.In(models.Shanghai).Format("2006-01-02 15:04:05") +
		",编号 " + string(e.ID) + ",仅供内部使用,不得外传"}
	for _, line := range append(append([][]string{mark, exportHeads[e.Kind]}, lines...), mark) {
		for i, cell := range line {
			line[i] = inert(cell)
		}
		if err := w.Write(line); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// inert keeps a spreadsheet from taking a cell for a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
		return "'" + cell
	}
	return cell
}
