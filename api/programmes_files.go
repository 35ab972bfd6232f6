package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"onecard/models/subsidy"
)

// registerProgrammeFiles adds the catalogue for machines: every version of every item, as data and as a sheet.
func (s *server) registerProgrammeFiles() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/programmes.json", ID: "downloadProgrammes", Summary: "Every version of every programme, to be kept; no login",
		Audience: Public, Limit: LimitRead, Cacheable: true,
	}, s.downloadProgrammes)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/programmes.csv", ID: "downloadProgrammeSheet", Summary: "The same as a sheet: UTF-8 with BOM, RFC 4180; no login",
		Audience: Public, Limit: LimitRead, Cacheable: true, Produces: "text/csv",
	}, s.downloadProgrammeSheet)
}

type downloadProgrammesOutput struct {
	ETag        string `header:"ETag"`
	Disposition string `header:"Content-Disposition"`
	Body        struct {
		Official string           `json:"official_copy"`
		Source   string           `json:"source" enum:"registry,shipped"`
		Items    []programmeReply `json:"items" nullable:"false" doc:"By number, then code, then version; the items of the list before the local ones"`
		AsOf     *time.Time       `json:"as_of,omitempty"`
	}
}

func (s *server) downloadProgrammes(ctx context.Context, _ *struct{}) (*downloadProgrammesOutput, error) {
	all, asOf, err := s.Subsidies.WholeCatalogue(ctx)
	if err != nil {
		return nil, err
	}
	out := &downloadProgrammesOutput{Disposition: `attachment; filename="programmes.json"`}
	out.Body.Official, out.Body.Items = subsidy.OfficialList, programmeReplies(all)
	out.Body.Source = sourceOf(len(all) > 0 && all[0].Shipped)
	out.ETag, out.Body.AsOf = s.etag(out.Body), instantOrNone(asOf)
	return out, nil
}

type downloadProgrammeSheetOutput struct {
	ETag        string `header:"ETag"`
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (s *server) downloadProgrammeSheet(ctx context.Context, _ *struct{}) (*downloadProgrammeSheetOutput, error) {
	all, _, err := s.Subsidies.WholeCatalogue(ctx)
	if err != nil {
		return nil, err
	}
	sheet, err := programmeSheet(programmeReplies(all))
	if err != nil {
		return nil, err
	}
	return &downloadProgrammeSheetOutput{
		ETag: s.etag(sheet), Type: "text/csv; charset=utf-8", Disposition: `attachment; filename="programmes.csv"`, Body: sheet,
	}, nil
}

var sheetHead = []string{
	"项目编码", "版本", "清单序号", "项目名称", "简称", "短信中的名称", "所属领域", "主管部门", "发放对象", "发放周期", "敏感级别", "适用地区",
	"政策依据", "官方链接", "公布日期", "生效日期", "失效日期",
}

// programmeSheet writes the list as Excel in China opens it without a question: with a byte order mark.
func programmeSheet(list []programmeReply) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	rows := [][]string{sheetHead}
	for _, p := range list {
		rows = append(rows, []string{
			p.Code, strconv.Itoa(p.Edition), strconv.Itoa(p.Number), p.Name, p.ShortName, p.SMSName, p.DomainLabel, p.Department, p.PayeeKindLabel,
			p.CadenceLabel, p.Sensitivity, p.District, p.PolicyDoc, p.OfficialLink, p.PublishedOn, p.ValidFrom, p.ValidTo,
		})
	}
	for _, row := range rows {
		for i := range row {
			row[i] = inert(row[i])
		}
	}
	err := w.WriteAll(rows)
	return b.Bytes(), err
}

// inert keeps a spreadsheet from taking a text for a formula, in half or full width, also behind blanks.
func inert(cell string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, " \t\r\n\u3000\u00A0"))
	if strings.ContainsRune("=+-@|%＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}
