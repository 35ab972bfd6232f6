package alipay

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The vendor's states of a trade. One whose whole money went back is closed, as is one that nobody paid.
const (
	waitBuyerPay  = "WAIT_BUYER_PAY"
	tradeSuccess  = "TRADE_SUCCESS"
	tradeFinished = "TRADE_FINISHED" // its time for refunds is over
	tradeClosed   = "TRADE_CLOSED"
)

type trade struct {
	Number, TradeNo, AppID, Buyer, Subject, NotifyURL string
	Total                                             int64 // fen
	Expires, MadeAt, PaidAt                           time.Time
	State                                             string
	// Met: the buyer has opened it in her wallet. Before that the platform tells the merchant that it does not exist.
	Met bool
}

var (
	outTradeNo = regexp.MustCompile(`^[0-9A-Za-z_]{1,64}$`)
	yuanForm   = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})\.[0-9]{2}$`)
	beijing    = time.FixedZone("CST", 8*60*60)

	noTrade      = refusal{"40004", "Business Failed", "ACQ.TRADE_NOT_EXIST", "交易不存在"}
	wrongState   = refusal{"40004", "Business Failed", "ACQ.TRADE_STATUS_ERROR", "交易状态不合法"}
	badTrade     = refusal{"40004", "Business Failed", "ACQ.INVALID_PARAMETER", "参数无效"}
	noMerchant   = refusal{"40004", "Business Failed", "ACQ.ACCESS_FORBIDDEN", "无权限使用接口"}
	alreadyPaid  = refusal{"40004", "Business Failed", "ACQ.TRADE_HAS_SUCCESS", "交易已被支付"}
	alreadyEnded = refusal{"40004", "Business Failed", "ACQ.TRADE_HAS_CLOSE", "交易已经关闭"}
	otherContent = refusal{"40004", "Business Failed", "ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"}
)

// acquire answers the methods of a merchant.
func (p *Platform) acquire(c call) any {
	if p.seller == "" {
		return noMerchant
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch c.method {
	case "alipay.trade.create":
		return p.create(c)
	case "alipay.trade.query":
		return p.queryTrade(c)
	case "alipay.trade.close":
		return p.closeTrade(c)
	case "alipay.trade.refund":
		return p.refundTrade(c)
	case "alipay.trade.fastpay.refund.query":
		return p.queryRefund(c)
	case "alipay.data.dataservice.bill.downloadurl.query":
		return p.billAddress(c)
	}
	return badMethod
}

// fenOf reads an amount in yuan; -1 for anything that is none.
func fenOf(yuan string) int64 {
	if !yuanForm.MatchString(yuan) {
		return -1
	}
	n, err := strconv.ParseInt(strings.Replace(yuan, ".", "", 1), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func yuanOf(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

func stamp(t time.Time) string { return t.In(beijing).Format(time.DateTime) }

// create makes a trade. The same number with the same content is the same trade; with other content it is refused.
func (p *Platform) create(c call) any {
	var in struct {
		Number  string `json:"out_trade_no"`
		Total   string `json:"total_amount"`
		Subject string `json:"subject"`
		Buyer   string `json:"buyer_open_id"`
		OldID   string `json:"buyer_id"`
		OpApp   string `json:"op_app_id"`
		Product string `json:"product_code"`
		Seller  string `json:"seller_id"`
		Expires string `json:"time_expire"`
	}
	if !c.content(&in) {
		return badTrade
	}
	t := trade{Number: in.Number, AppID: c.app.ID, Buyer: in.Buyer + in.OldID, Subject: in.Subject, NotifyURL: c.form.Get("notify_url"), Total: fenOf(in.Total), MadeAt: p.now()}
	to, err := url.Parse(t.NotifyURL)
	switch {
	case !outTradeNo.MatchString(t.Number), t.Total < 1, t.Subject == "" || strings.ContainsAny(t.Subject, "/=&"), t.Buyer == "", in.Product != "JSAPI_PAY",
		in.OpApp != "" && in.OpApp != c.app.ID, in.Seller != "" && in.Seller != p.seller, err != nil || to.Host == "" || to.RawQuery != "":
		return badTrade
	}
	if in.Expires != "" {
		if t.Expires, err = time.ParseInLocation(time.DateTime, in.Expires, beijing); err != nil {
			return badTrade
		}
	}
	have := p.trades[t.Number]
	switch {
	case have == nil:
		p.count++
		t.State, t.TradeNo = waitBuyerPay, fmt.Sprintf("%s22001%015d", t.MadeAt.In(beijing).Format("20060102"), p.count)
		have = &t
		p.trades[t.Number] = have
		p.made = append(p.made, t.Number)
	case !have.PaidAt.IsZero():
		return alreadyPaid
	case p.stateOf(have) == tradeClosed:
		return alreadyEnded
	case have.Total != t.Total || have.Buyer != t.Buyer || have.AppID != t.AppID || have.Subject != t.Subject || !have.Expires.Equal(t.Expires):
		return otherContent
	}
	return map[string]string{"code": "10000", "msg": "Success", "out_trade_no": have.Number, "trade_no": have.TradeNo}
}

// stateOf is a trade's state now: the platform itself closes one whose time is over.
func (p *Platform) stateOf(t *trade) string {
	if t.State == waitBuyerPay && !t.Expires.IsZero() && !p.now().Before(t.Expires) {
		t.State = tradeClosed
	}
	return t.State
}

// named is the trade that a request names, as far as the merchant may know of it.
func (p *Platform) namedTrade(c call) *trade {
	var in struct {
		Number  string `json:"out_trade_no"`
		TradeNo string `json:"trade_no"`
	}
	if !c.content(&in) {
		return nil
	}
	if t := p.trades[in.Number]; t != nil && t.Met {
		return t
	}
	for _, t := range p.trades {
		if in.Number == "" && t.TradeNo == in.TradeNo && t.Met {
			return t
		}
	}
	return nil
}

func (p *Platform) queryTrade(c call) any {
	t := p.namedTrade(c)
	if t == nil {
		return noTrade
	}
	out := map[string]string{
		"code": "10000", "msg": "Success", "out_trade_no": t.Number, "trade_no": t.TradeNo, "trade_status": p.stateOf(t), "total_amount": yuanOf(t.Total),
		"buyer_open_id": t.Buyer, "buyer_logon_id": "138****0001", "receipt_amount": "0.00", "buyer_pay_amount": "0.00", "point_amount": "0.00", "invoice_amount": "0.00",
	}
	if !t.PaidAt.IsZero() {
		out["send_pay_date"], out["receipt_amount"], out["buyer_pay_amount"] = stamp(t.PaidAt), yuanOf(t.Total), yuanOf(t.Total)
	}
	return out
}

func (p *Platform) closeTrade(c call) any {
	t := p.namedTrade(c)
	switch {
	case t == nil:
		return noTrade
	case p.stateOf(t) != waitBuyerPay:
		return wrongState
	}
	t.State = tradeClosed
	return map[string]string{"code": "10000", "msg": "Success", "out_trade_no": t.Number, "trade_no": t.TradeNo}
}

// find gives a trade by its number, its trade_no, or, for an empty name, the newest.
func (p *Platform) find(name string) (*trade, error) {
	if name == "" && len(p.made) > 0 {
		name = p.made[len(p.made)-1]
	}
	if t := p.trades[name]; t != nil {
		return t, nil
	}
	for _, t := range p.trades {
		if t.TradeNo == name {
			return t, nil
		}
	}
	return nil, errors.New("no such trade")
}
