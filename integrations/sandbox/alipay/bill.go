package alipay

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The vendor's table of a day: lines of comment, the head, a line for each movement, and comments with the sums.
var billHead = []string{
	"支付宝交易号", "商户订单号", "业务类型", "商品名称", "创建时间", "完成时间", "门店编号", "门店名称", "操作员", "终端号", "对方账户",
	"订单金额（元）", "商家实收（元）", "退款批次号/请求号", "服务费（元）", "备注",
}

// billAddress tells where the bill of a day lies: unsigned, at another address, for half a minute.
func (p *Platform) billAddress(c call) any {
	var in struct {
		Kind string `json:"bill_type"`
		Day  string `json:"bill_date"`
	}
	if !c.content(&in) || in.Kind != "trade" {
		return badParameter
	}
	day, err := time.ParseInLocation(time.DateOnly, in.Day, beijing)
	if err != nil || !p.now().After(day.AddDate(0, 0, 1)) {
		return badParameter
	}
	if _, lines := p.bill(in.Day); lines == 0 {
		return billIsNotThere
	}
	return map[string]string{"code": "10000", "msg": "Success", "bill_download_url": c.home + "bill?bizDates=" + strings.ReplaceAll(in.Day, "-", "") + "&token=" + in.Day}
}

// billFile is the file itself: two tables in the vendor's Chinese encoding, in a zip.
func (p *Platform) billFile(w http.ResponseWriter, r *http.Request) {
	day := r.URL.Query().Get("token")
	p.mu.Lock()
	table, lines := p.bill(day)
	p.mu.Unlock()
	if lines == 0 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	name := p.seller + "_" + strings.ReplaceAll(day, "-", "") + "_"
	for suffix, text := range map[string]string{"业务明细.csv": table, "业务明细(汇总).csv": "#支付宝业务汇总查询\r\n门店编号,门店名称,交易订单总笔数\r\n"} {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name + string(gbk(suffix)), NonUTF8: true, Method: zip.Deflate})
		if err == nil {
			_, err = f.Write(gbk(text))
		}
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
	}
	if err := z.Close(); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/zip")
	_, _ = w.Write(out.Bytes())
}

func (p *Platform) bill(day string) (text string, lines int) {
	var b strings.Builder
	fmt.Fprintf(&b, "#支付宝业务明细查询\r\n#账号：[%s]\r\n%s\r\n", p.seller, strings.Join(billHead, ","))
	on := func(t time.Time) bool { return !t.IsZero() && t.In(beijing).Format(time.DateOnly) == day }
	write := func(t *trade, kind string, at time.Time, amount, request string) {
		lines++
		cell := []string{t.TradeNo, t.Number, kind, t.Subject, stamp(t.MadeAt), stamp(at), "", "", "", "", "138****0001", amount, amount, request, "0.00", ""}
		for i := range cell {
			cell[i] += "\t" // so does the vendor, for those who open it as a sheet
		}
		b.WriteString(strings.Join(cell, ",") + "\r\n")
	}
	var came, went int64
	for _, number := range p.made {
		t := p.trades[number]
		if on(t.PaidAt) && !p.unbilled[number] {
			came += t.Total
			write(t, "交易", t.PaidAt, yuanOf(t.Total), "")
		}
		for _, key := range p.refundsMade {
			if r := p.refunds[key]; r.Trade == number && on(r.DoneAt) {
				went += r.Amount
				write(t, "退款", r.DoneAt, "-"+yuanOf(r.Amount), r.Number)
			}
		}
	}
	fmt.Fprintf(&b, "#业务明细列表结束\r\n#交易合计：%d笔，商家实收共%s元，退款共%s元\r\n", lines, yuanOf(came), yuanOf(went))
	return b.String(), lines
}

// Unbilled leaves a trade out of its day's bill.
func (p *Platform) Unbilled(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	t, err := p.find(name)
	if err == nil {
		p.unbilled[t.Number] = true
	}
	return err
}
