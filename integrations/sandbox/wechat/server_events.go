package wechat

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

func tag(name, text string) string {
	return "<" + name + "><![CDATA[" + strings.ReplaceAll(text, "]]>", "]]]]><![CDATA[>") + "]]></" + name + ">"
}

// plain is the message as the vendor writes it, before it is encrypted.
func (p *Platform) plain(m Message) []byte {
	at := m.At
	if at.IsZero() {
		at = p.now()
	}
	p.servers.mu.Lock()
	p.servers.serial++
	id := strconv.FormatInt(23_000_000_000_000_000+p.servers.serial, 10)
	p.servers.mu.Unlock()
	head := "<xml>" + tag("ToUserName", "gh_"+m.App) + tag("FromUserName", p.OpenID(m.App, m.Citizen)) +
		"<CreateTime>" + strconv.FormatInt(at.Unix(), 10) + "</CreateTime>"
	return []byte(head + p.rest(m, id, at) + "</xml>")
}

func (p *Platform) rest(m Message, id string, at time.Time) string {
	event := func(name, more string) string { return tag("MsgType", "event") + tag("Event", name) + more }
	switch m.What {
	case "follow":
		key := ""
		if m.Key != "" {
			key = "qrscene_" + m.Key
		}
		return event("subscribe", tag("EventKey", key))
	case "unfollow":
		return event("unsubscribe", tag("EventKey", ""))
	case "click":
		return event("CLICK", tag("EventKey", m.Key))
	case "view":
		return event("VIEW", tag("EventKey", m.Key))
	case "scan":
		return event("SCAN", tag("EventKey", m.Key)+tag("Ticket", "gQ"+random(20)))
	case "popup":
		return event("subscribe_msg_popup_event", "<SubscribeMsgPopupEvent><List>"+tag("TemplateId", m.Key)+tag("SubscribeStatusString", m.Answer)+
			tag("PopupScene", "1")+"</List></SubscribeMsgPopupEvent>")
	case "sent":
		return event("TEMPLATESENDJOBFINISH", "<MsgID>"+m.ID+"</MsgID>"+tag("Status", m.Answer))
	case "image":
		return tag("MsgType", "image") + tag("PicUrl", "http://mmbiz.qpic.cn/"+random(16)) + tag("MediaId", random(20)) + "<MsgId>" + id + "</MsgId>"
	case "location_event":
		return event("LOCATION", fmt.Sprintf("<Latitude>34.6</Latitude><Longitude>112.4</Longitude><Precision>%d</Precision>", at.Second()))
	default:
		return tag("MsgType", "text") + tag("Content", m.Text) + "<MsgId>" + id + "</MsgId>"
	}
}
