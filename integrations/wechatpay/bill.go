package wechatpay

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // the vendor's choice; the address of the file came in a signed answer
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/validators"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"onecard/models"
	"onecard/models/payment"
)

// Bill fetches the trade bill of a day: where it lies is told signed, with its SHA-1; the file itself is not signed.
func (p *Pay) Bill(ctx context.Context, day models.Date) (lines []payment.BillLine, err error) {
	defer guard("bill", &err)
	res, err := p.client.Get(ctx, consts.WechatPayAPIServer+"/v3/bill/tradebill?bill_date="+string(day)+"&bill_type=ALL")
	if core.IsAPIError(err, "NO_STATEMENT_EXIST") {
		return nil, nil // nobody paid and nothing went back
	}
	if err != nil {
		return nil, told("bill", err)
	}
	var at struct {
		Hash string `json:"hash_value"`
		URL  string `json:"download_url"`
	}
	if err := json.NewDecoder(res.Response.Body).Decode(&at); err != nil {
		return nil, unreadable("bill")
	}
	where, err := url.Parse(at.URL)
	if err != nil || !strings.HasPrefix(where.Path, "/v3/billdownload/") {
		return nil, unreadable("bill")
	}
	file, err := core.NewClientWithValidator(p.client, &validators.NullValidator{}).Get(ctx, consts.WechatPayAPIServer+where.RequestURI())
	if err != nil {
		return nil, told("bill file", err)
	}
	text, err := io.ReadAll(file.Response.Body)
	if err != nil {
		return nil, unreadable("bill file")
	}
	if sum := sha1.Sum(text); hex.EncodeToString(sum[:]) != strings.ToLower(at.Hash) { //nolint:gosec // see above
		return nil, unreadable("bill file")
	}
	if lines, err = billLines(text); err != nil {
		return nil, unreadable("bill file")
	}
	return lines, nil
}

// billLines reads the vendor's table. Its columns are found by their names, each value stands behind a back quote, and
// a table of sums follows whose head has other names.
func billLines(text []byte) ([]payment.BillLine, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	head, err := r.Read()
	if err != nil {
		return nil, err
	}
	column := map[string]int{}
	for i, name := range head {
		column[strings.TrimSpace(name)] = i
	}
	for _, name := range []string{"微信订单号", "商户订单号", "交易状态", "商户退款单号", "订单金额", "申请退款金额"} {
		if _, ok := column[name]; !ok {
			return nil, errors.New("a column is missing")
		}
	}
	var lines []payment.BillLine
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) || err == nil && !strings.HasPrefix(row[0], "`") {
			return lines, nil
		}
		if err != nil || len(row) < len(head) {
			return nil, errors.New("a line is cut short")
		}
		at := func(name string) string { return strings.TrimPrefix(strings.TrimSpace(row[column[name]]), "`") }
		l := payment.BillLine{Number: at("商户订单号"), TransactionID: at("微信订单号")}
		amount := at("订单金额")
		if at("交易状态") == "REFUND" {
			l.RefundNumber, amount = at("商户退款单号"), at("申请退款金额")
		}
		if l.AmountFen, err = models.ParseYuan(amount); err != nil || l.Number == "" {
			return nil, errors.New("a line cannot be read")
		}
		lines = append(lines, l)
	}
}
