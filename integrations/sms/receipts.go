package sms

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/netip"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// Callback judges and reads what Aliyun pushes (https://help.aliyun.com/document_detail/101867.html). The vendor signs
// nothing, so the address itself is the proof: its last part is a secret token, and the addresses it may come from can
// be narrowed. A forged receipt could at worst call a message delivered or failed that was not; it shows nothing and
// sends nothing.
type Callback struct {
	token   [sha256.Size]byte
	sources []netip.Prefix
	clock   models.Clock
}

// MaxReceipts is the most elements of one push that are read.
const MaxReceipts = 1000

// NewCallback needs a token of at least 16 characters. Sources are addresses or networks; none means any address.
func NewCallback(token string, sources []string, clock models.Clock) (*Callback, error) {
	if len(token) < 16 {
		return nil, errors.New("sms: the callback token needs at least 16 characters")
	}
	c := &Callback{token: sha256.Sum256([]byte(token)), clock: clock}
	for _, s := range sources {
		p, err := network(s)
		if err != nil {
			return nil, errors.New("sms: a source of receipts is neither an address nor a network")
		}
		c.sources = append(c.sources, p)
	}
	return c, nil
}

func network(s string) (netip.Prefix, error) {
	if at, err := netip.ParseAddr(s); err == nil {
		return at.Prefix(at.BitLen())
	}
	return netip.ParsePrefix(s)
}

// Receipts verifies a push before it reads it. Elements without an id of ours are left out.
func (c *Callback) Receipts(token string, from netip.Addr, body []byte) ([]notice.Receipt, error) {
	given := sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(given[:], c.token[:]) != 1 || !c.mayCome(from) {
		return nil, notice.ErrCallback
	}
	var reports []struct {
		ReportTime string `json:"report_time"`
		Success    *bool  `json:"success"`
		ErrCode    string `json:"err_code"`
		BizID      string `json:"biz_id"`
		OutID      string `json:"out_id"`
	}
	if err := json.Unmarshal(body, &reports); err != nil || len(reports) > MaxReceipts {
		return nil, notice.ErrCallbackBody
	}
	out := make([]notice.Receipt, 0, len(reports))
	for _, r := range reports {
		id, err := models.ParseID(r.OutID)
		if err != nil || r.Success == nil || len(r.BizID) > 64 {
			continue
		}
		at, err := parseTime(r.ReportTime)
		if err != nil {
			at = c.clock.Now()
		}
		out = append(out, notice.Receipt{
			Vendor: vendor, VendorID: r.BizID, DeliveryID: id, Delivered: *r.Success, Code: safeCode(r.ErrCode), At: at,
		})
	}
	return out, nil
}

func (c *Callback) mayCome(from netip.Addr) bool {
	if len(c.sources) == 0 {
		return true
	}
	for _, p := range c.sources {
		if p.Contains(from.Unmap()) {
			return true
		}
	}
	return false
}

func parseTime(s string) (time.Time, error) {
	t, err := time.ParseInLocation("2006-01-02 15:04:05", s, models.Shanghai)
	return models.Instant(t), err
}
