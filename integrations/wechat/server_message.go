package wechat

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/xml"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"onecard/models"
	"onecard/models/notice"
)

// maxMarks is how many "<" an envelope may have: the safe mode's two or three elements have ten, and there is room for a
// message that stands in plain beside what is encrypted.
const maxMarks = 64

// sealedOf is the encrypted part of a message's envelope. It is all that may be read before the signature: base64, once.
func sealedOf(body []byte) (string, error) {
	if bytes.Count(body, []byte("<")) > maxMarks {
		return "", notice.ErrMessageMalformed
	}
	var in struct {
		XMLName xml.Name `xml:"xml"`
		Encrypt []string `xml:"Encrypt"`
	}
	if err := decodeXML(body, &in); err != nil || len(in.Encrypt) != 1 || in.Encrypt[0] == "" {
		return "", notice.ErrMessageMalformed
	}
	return in.Encrypt[0], nil
}

// decodeXML reads one element and nothing behind it. Go's reader knows no entities but the five, so none can expand.
func decodeXML(raw []byte, into any) error {
	d := xml.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(into); err != nil {
		return err
	}
	for {
		t, err := d.Token()
		if err == io.EOF { //nolint:errorlint // the decoder gives io.EOF itself
			return nil
		}
		if text, ok := t.(xml.CharData); err != nil || !ok || len(bytes.TrimSpace(text)) > 0 {
			return notice.ErrMessageMalformed
		}
	}
}

// incoming is a decrypted message or event, as far as we read it.
type incoming struct {
	XMLName      xml.Name `xml:"xml"`
	ToUserName   string
	FromUserName string
	CreateTime   int64
	MsgType      string
	MsgID        string `xml:"MsgId"`
	Content      string
	Event        string
	EventKey     string
	JobID        string `xml:"MsgID"` // of TEMPLATESENDJOBFINISH
	Status       string
	Popup        struct {
		List []consentItem
	} `xml:"SubscribeMsgPopupEvent"`
	Change struct {
		List []consentItem
	} `xml:"SubscribeMsgChangeEvent"`
	Sent struct {
		List []sentItem
	} `xml:"SubscribeMsgSentEvent"`
}

type consentItem struct {
	TemplateID string `xml:"TemplateId"`
	Status     string `xml:"SubscribeStatusString"`
}

type sentItem struct {
	TemplateID  string `xml:"TemplateId"`
	MsgID       string
	ErrorCode   string
	ErrorStatus string
}

func parseMessage(plain []byte) (incoming, error) {
	var in incoming
	if err := decodeXML(plain, &in); err != nil || in.MsgType == "" || in.CreateTime <= 0 || in.CreateTime > 1<<40 {
		return incoming{}, notice.ErrMessageMalformed
	}
	return in, nil
}

// key tells copies of a message from others: its id, or for events who, when and which, as the platform's documents ask.
func (in incoming) key() []string {
	if in.MsgID != "" && in.MsgType != "event" {
		return []string{in.MsgID}
	}
	out := []string{in.FromUserName, strconv.FormatInt(in.CreateTime, 10), in.MsgType, in.Event, in.EventKey, in.JobID}
	for _, c := range slices.Concat(in.Popup.List, in.Change.List) { // two answers, or two receipts, in one second are two events
		out = append(out, c.TemplateID, c.Status)
	}
	for _, one := range in.Sent.List {
		out = append(out, one.MsgID)
	}
	return out
}

const scenePrefix = "qrscene_"

// message puts it into our words. An event that we do not know is ignored.
func (in incoming) message(app serverApp) notice.PlatformMessage {
	m := notice.PlatformMessage{
		Kind: notice.MessageIgnored, Channel: app.channel, App: app.id, From: in.FromUserName, At: models.Instant(time.Unix(in.CreateTime, 0)),
	}
	switch in.MsgType {
	case "text":
		m.Kind, m.Text = notice.MessageAsked, in.Content
	case "event":
		in.event(&m)
	default:
		m.Kind = notice.MessageUnread
	}
	return m
}

func (in incoming) event(m *notice.PlatformMessage) {
	switch strings.ToLower(in.Event) {
	case "subscribe":
		m.Kind = notice.MessageFollowed
		m.Scene, _ = strings.CutPrefix(in.EventKey, scenePrefix)
	case "unsubscribe":
		m.Kind = notice.MessageUnfollowed
	case "click":
		m.Kind, m.Word = notice.MessageTapped, in.EventKey
	case "view", "view_miniprogram":
		m.Kind = notice.MessageViewed
	case "scan":
		m.Kind, m.Scene = notice.MessageScanned, in.EventKey
	case "subscribe_msg_popup_event":
		m.Kind, m.Consents = notice.MessageConsented, consents(in.Popup.List, false)
	case "subscribe_msg_change_event":
		m.Kind, m.Consents = notice.MessageConsented, consents(in.Change.List, true)
	case "subscribe_msg_sent_event":
		m.Kind = notice.MessageSettled
		for _, one := range in.Sent.List {
			m.Receipts = append(m.Receipts, notice.PlatformReceipt{VendorID: one.MsgID, Template: one.TemplateID, Status: one.ErrorStatus})
		}
	case "templatesendjobfinish":
		m.Kind, m.Receipts = notice.MessageSettled, []notice.PlatformReceipt{{VendorID: in.JobID, Status: in.Status}}
	}
}

func consents(list []consentItem, standing bool) []notice.PlatformConsent {
	out := make([]notice.PlatformConsent, 0, len(list))
	for _, c := range list {
		out = append(out, notice.PlatformConsent{Template: c.TemplateID, Answer: c.Status, Standing: standing})
	}
	return out
}

type cdata struct {
	Text string `xml:",cdata"`
}

type textReply struct {
	XMLName      xml.Name `xml:"xml"`
	ToUserName   cdata
	FromUserName cdata
	CreateTime   int64
	MsgType      cdata
	Content      cdata
}

type sealedReply struct {
	XMLName      xml.Name `xml:"xml"`
	Encrypt      cdata
	MsgSignature cdata
	TimeStamp    string
	Nonce        cdata
}

const plainSuccess = "success"

// answering encrypts an answer for whoever wrote. No answer is the plain word success: an empty text that is encrypted
// would be shown as an empty message. A mini-program takes none in its request.
func (a serverApp) answering(in incoming, clock models.Clock) func(string) (string, []byte) {
	return func(text string) (string, []byte) {
		if text == "" || a.channel != notice.WechatOA {
			return "text/plain; charset=utf-8", []byte(plainSuccess)
		}
		now := clock.Now().Unix()
		plain, err := xml.Marshal(textReply{ToUserName: cdata{in.FromUserName}, FromUserName: cdata{in.ToUserName}, CreateTime: now, MsgType: cdata{"text"}, Content: cdata{text}})
		if err != nil {
			return "text/plain; charset=utf-8", []byte(plainSuccess)
		}
		sealed, err := util.EncryptMsg(randomBytes(16), plain, a.id, a.key)
		if err != nil {
			return "text/plain; charset=utf-8", []byte(plainSuccess)
		}
		stamp, nonce := decimal(now), nonceText()
		body, err := xml.Marshal(sealedReply{
			Encrypt: cdata{string(sealed)}, MsgSignature: cdata{util.Signature(a.token, stamp, nonce, string(sealed))}, TimeStamp: stamp, Nonce: cdata{nonce},
		})
		if err != nil {
			return "text/plain; charset=utf-8", []byte(plainSuccess)
		}
		return "application/xml; charset=utf-8", body
	}
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// nonceText is 16 unguessable characters.
func nonceText() string { return base64.RawURLEncoding.EncodeToString(randomBytes(12)) }

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}
