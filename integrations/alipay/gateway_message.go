package alipay

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"onecard/models"
	"onecard/models/notice"
)

// content is a message in biz_content, as far as we read it.
type content struct {
	XMLName     xml.Name
	AppID       string `xml:"AppId"`
	FromOpenID  string `xml:"FromOpenId"`
	FromUserID  string `xml:"FromUserId"`
	OldID       string `xml:"FromAlipayUserId"`
	CreateTime  string
	MsgType     string
	EventType   string
	ActionParam string
	MsgID       string `xml:"MsgId"`
	Text        struct {
		Content string
	}
}

// readContent reads the XML in the charset that the form names; the signature was over its bytes in that charset.
func readContent(charset, raw string) (content, error) {
	text := raw
	switch strings.ToLower(charset) {
	case "utf-8", "utf8":
	case "gbk", "gb2312", "gb18030", "":
		decoded, err := simplifiedchinese.GB18030.NewDecoder().String(raw)
		if err != nil {
			return content{}, notice.ErrMessageMalformed
		}
		text = decoded
	default:
		return content{}, notice.ErrMessageMalformed
	}
	var in content
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // decoded above, whatever its first line says
	if err := d.Decode(&in); err != nil || !strings.EqualFold(in.XMLName.Local, "xml") || in.AppID == "" || in.MsgType == "" || in.at().IsZero() {
		return content{}, notice.ErrMessageMalformed
	}
	return in, nil
}

// at is the platform's time, in milliseconds.
func (in content) at() time.Time {
	ms, err := strconv.ParseInt(strings.TrimSpace(in.CreateTime), 10, 64)
	if err != nil || ms <= 0 || ms > 1<<50 {
		return time.Time{}
	}
	return models.Instant(time.UnixMilli(ms))
}

// from is who did it: the open id, or the older id of platforms that tell none [gk].
func (in content) from() string {
	if in.FromOpenID != "" {
		return in.FromOpenID
	}
	return in.FromUserID
}

func (in content) key() []string {
	return []string{in.from(), in.CreateTime, in.MsgType, in.EventType, in.ActionParam, in.MsgID}
}

func (in content) message(app string) notice.PlatformMessage {
	m := notice.PlatformMessage{Kind: notice.MessageIgnored, Channel: notice.AlipayLife, App: app, From: in.from(), UserID: in.OldID, At: in.at()}
	if m.UserID == "" && in.FromOpenID != "" {
		m.UserID = in.FromUserID
	}
	switch in.MsgType {
	case "text":
		m.Kind, m.Text = notice.MessageAsked, in.Text.Content
	case "event":
		switch in.EventType {
		case "follow":
			m.Kind, m.Scene = notice.MessageFollowed, in.ActionParam
		case "unfollow":
			m.Kind = notice.MessageUnfollowed
		case "click":
			m.Kind, m.Word = notice.MessageTapped, in.ActionParam
		case "scan":
			m.Kind, m.Scene = notice.MessageScanned, in.ActionParam
		}
	default:
		m.Kind = notice.MessageUnread
	}
	return m
}

// ack is the acknowledgement that the platform wants in our answer.
func (in content) ack() string {
	esc := func(s string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
		return b.String()
	}
	return "<XML><ToUserId>" + esc(in.from()) + "</ToUserId><AppId>" + esc(in.AppID) + "</AppId><CreateTime>" + esc(in.CreateTime) +
		"</CreateTime><MsgType>ack</MsgType></XML>"
}
