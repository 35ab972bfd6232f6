package alipay

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	sdk "github.com/smartwalle/alipay/v3"
	"golang.org/x/text/encoding/simplifiedchinese"

	"onecard/models"
	"onecard/models/payment"
)

// Bounds of a bill: as it comes, and as it is once unpacked.
const (
	maxBill  = 16 << 20
	maxTable = 64 << 20
)

// Bill fetches the trade bill of a day: where it lies is told signed; the file itself is not signed and stands at another
// host of the vendor's, which is asked in the gateway's own way (https).
func (p *Pay) Bill(ctx context.Context, day models.Date) ([]payment.BillLine, error) {
	payload := sdk.NewPayload("alipay.data.dataservice.bill.downloadurl.query").AddBizField("bill_type", "trade").AddBizField("bill_date", string(day))
	var rsp struct {
		sdk.Error
		URL string `json:"bill_download_url"`
	}
	sub, err := p.ask(ctx, p.first, payload, &rsp, &rsp.Error, subNoBill, subNoBill2)
	if err != nil || sub != "" {
		return nil, err // nobody paid and nothing went back
	}
	where, err := url.Parse(rsp.URL)
	if err != nil || !p.vendors(where.Host) {
		return nil, unclear(payload, "the file is not at the vendor's")
	}
	where.Scheme = p.gateway.Scheme
	packed, err := p.file(ctx, where)
	if err != nil {
		return nil, unclear(payload, "the file cannot be fetched")
	}
	lines, err := unpackBill(packed)
	if err != nil {
		return nil, unclear(payload, "the file cannot be read")
	}
	return lines, nil
}

// vendors reports a host of the vendor's: the gateway's own, or another in its domain.
func (p *Pay) vendors(host string) bool {
	return host == p.gateway.Host || strings.HasSuffix(p.gateway.Host, ".alipay.com") && strings.HasSuffix(host, ".alipay.com")
}

// file reads what lies there. Its errors would quote the address, which holds a token: only that it failed is told.
func (p *Pay) file(ctx context.Context, where *url.URL) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, where.String(), nil)
	if err != nil {
		return nil, errUnreadable
	}
	res, err := p.files.Do(req)
	if err != nil {
		return nil, errUnreadable
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxBill+1))
	if err != nil || res.StatusCode != http.StatusOK || len(b) > maxBill {
		return nil, errUnreadable
	}
	return b, nil
}

// unpackBill finds the table of movements among the files of the zip by its head: the names are in the vendor's Chinese.
func unpackBill(packed []byte) ([]payment.BillLine, error) {
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return nil, err
	}
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			return nil, err
		}
		raw, err := io.ReadAll(io.LimitReader(in, maxTable+1))
		if err = errors.Join(err, in.Close()); err != nil || len(raw) > maxTable {
			return nil, errors.New("a file cannot be unpacked, or is too long")
		}
		text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
		if err != nil {
			return nil, err
		}
		lines, found, err := billLines(text)
		if found || err != nil {
			return lines, err
		}
	}
	return nil, errors.New("no table of movements in it")
}

// columns of the vendor's table that we read. They are found by their names; which others stand between them has changed
// over the years.
const (
	colTransaction = "支付宝交易号"
	colNumber      = "商户订单号"
	colKind        = "业务类型"
	colAmount      = "订单金额（元）"
	colRequest     = "退款批次号/请求号"
)

// billLines reads the table: comments begin with #, values end in tabs or spaces, what went back stands with a minus.
func billLines(text []byte) (lines []payment.BillLine, found bool, err error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes, r.Comment = -1, true, '#'
	column := map[string]int{}
	for {
		row, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return lines, found, nil
		case err != nil:
			return nil, found, err
		case !found:
			for i, name := range row {
				column[strings.TrimSpace(name)] = i
			}
			if found = whole(column); !found {
				clear(column)
			}
			continue
		}
		l, err := billLine(row, column)
		if err != nil {
			return nil, true, err
		}
		lines = append(lines, l)
	}
}

func whole(column map[string]int) bool {
	for _, name := range []string{colTransaction, colNumber, colKind, colAmount, colRequest} {
		if _, ok := column[name]; !ok {
			return false
		}
	}
	return true
}

func billLine(row []string, column map[string]int) (payment.BillLine, error) {
	at := func(name string) string {
		if i := column[name]; i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	l := payment.BillLine{Number: at(colNumber), TransactionID: at(colTransaction)}
	amount, back := strings.CutPrefix(at(colAmount), "-")
	switch kind := at(colKind); {
	case kind == "退款":
		l.RefundNumber = at(colRequest)
		if l.RefundNumber == "" || !back {
			return l, errors.New("a refund without its number, or with money that came")
		}
	case kind != "交易" || back:
		return l, errors.New("a line of another kind")
	}
	var err error
	if l.AmountFen, err = models.ParseYuan(amount); err != nil || l.Number == "" || l.TransactionID == "" {
		return l, errors.New("a line cannot be read")
	}
	return l, nil
}
