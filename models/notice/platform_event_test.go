package notice

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAPlatformEventBecomesConsentsAndReceipts(t *testing.T) {
	t.Parallel()
	topicOf := SubscriptionApp{Templates: map[Topic]string{TopicLoss: "t-loss", TopicFees: "t-fees"}}.Topic
	at := time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC)
	sent := PlatformEvent{Channel: WechatMini, App: "wx", OpenID: "o-secret", Kind: MessageEnded, At: at, Items: []PlatformEventItem{
		{TemplateID: "t-loss", MessageID: "1700827132819554304", Delivered: true},
		{TemplateID: "t-fees", MessageID: "2", Code: CodeUserRefuse},
		{MessageID: "3", Code: CodeUserBlock}, {MessageID: "4", Code: "失败 of a person"}, {MessageID: "不像编号", Delivered: true},
	}}
	require.Equal(t, []ConsentTold{{TopicFees, AnsweredReject, OffRefused}, {"", AnsweredReject, OffBlocked}}, sent.Consents(topicOf))
	unfollowing := PlatformEvent{Channel: WechatOA, Kind: MessageEnded, Items: []PlatformEventItem{{MessageID: "5", Code: CodeUserRefuse}}}
	require.Equal(t, []ConsentTold{{"", AnsweredReject, OffRefused}}, unfollowing.Consents(topicOf), "a follower refuses all or nothing")
	require.Equal(t, []Receipt{
		{Vendor: "wechat_mini", VendorID: "1700827132819554304", Delivered: true, At: at}, {Vendor: "wechat_mini", VendorID: "2", Code: CodeUserRefuse, At: at},
		{Vendor: "wechat_mini", VendorID: "3", Code: CodeUserBlock, At: at}, {Vendor: "wechat_mini", VendorID: "4", Code: "failed", At: at},
	}, sent.Receipts())

	asked := PlatformEvent{Kind: ConsentAsked, Items: []PlatformEventItem{
		{TemplateID: "t-loss", Answer: AnsweredAccept}, {TemplateID: "t-fees", Answer: AnsweredReject}, {TemplateID: "nobody's", Answer: AnsweredAccept},
		{TemplateID: "t-fees", Answer: AnsweredBan}, {TemplateID: "t-fees", Answer: "word of a newer platform"},
	}}
	require.Equal(t, []ConsentTold{{TopicLoss, AnsweredAccept, ""}, {TopicFees, AnsweredReject, OffRejected}, {TopicFees, AnsweredBan, OffBanned}}, asked.Consents(topicOf))
	require.Empty(t, asked.Receipts())
	asked.Kind = ConsentChanged
	require.Contains(t, asked.Consents(topicOf), ConsentTold{TopicFees, AnsweredReject, OffSwitched})
	require.Equal(t, []ConsentTold{{Answer: AnsweredAccept}}, PlatformEvent{Kind: Followed}.Consents(topicOf))
	require.Equal(t, []ConsentTold{{Answer: AnsweredReject, Reason: OffUnfollowed}}, PlatformEvent{Kind: Unfollowed}.Consents(topicOf))
}
