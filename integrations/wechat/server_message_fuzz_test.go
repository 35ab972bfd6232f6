package wechat

import (
	"strings"
	"testing"

	"github.com/silenceper/wechat/v2/util"
	"github.com/stretchr/testify/require"

	"onecard/models/notice"
)

// FuzzDecryptedMessage: whoever holds the key may still send anything.
func FuzzDecryptedMessage(f *testing.F) {
	f.Add([]byte("<xml><FromUserName>o</FromUserName><CreateTime>1409735668</CreateTime><MsgType>text</MsgType><Content>a</Content><MsgId>1</MsgId></xml>"))
	f.Add([]byte("<xml><CreateTime>1</CreateTime><MsgType>event</MsgType><Event>subscribe</Event><EventKey>qrscene_a</EventKey></xml>"))
	f.Add([]byte("<xml><CreateTime>1</CreateTime><MsgType>event</MsgType><Event>subscribe_msg_popup_event</Event><SubscribeMsgPopupEvent><List><TemplateId>t</TemplateId></List></SubscribeMsgPopupEvent></xml>"))
	f.Add([]byte(strings.Repeat("<xml>", 500)))
	app := serverApp{id: "wx1", key: "ZGVza1dlY2hhdE9mZmljaWFsTWVzc2FnZUtleTAwMDA", channel: notice.WechatOA}
	f.Fuzz(func(t *testing.T, plain []byte) {
		in, err := parseMessage(plain)
		if err != nil {
			require.ErrorIs(t, err, notice.ErrMessageMalformed)
			return
		}
		m := in.message(app)
		require.NotEmpty(t, m.Kind)
		require.NotEmpty(t, in.key())
	})
}

// FuzzSealed: a text that the key opens is one that it sealed, or an error; never a panic.
func FuzzSealed(f *testing.F) {
	key := "ZGVza1dlY2hhdE9mZmljaWFsTWVzc2FnZUtleTAwMDA"
	good, err := util.EncryptMsg([]byte("0123456789abcdef"), []byte("<xml></xml>"), "wx1", key)
	require.NoError(f, err)
	f.Add(string(good))
	f.Add("")
	f.Add("AAAA")
	f.Add(strings.Repeat("A", 128))
	f.Fuzz(func(_ *testing.T, sealed string) {
		_, _, _ = util.DecryptMsg("wx1", sealed, key)
	})
}
