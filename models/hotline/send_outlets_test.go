package hotline_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/notice"
)

// OutletsText knows two windows of one district.
func (m *memory) OutletsText(_ context.Context, ask hotline.OutletsAsk, most int) (hotline.OutletsText, error) {
	t := hotline.OutletsText{Act: "社保账户解挂"}
	if ask.District == "410303" {
		t.Outlets = []hotline.OutletLine{{Name: "西工区人社服务大厅", Phone: "0379-63000001"}, {Name: "洛阳银行西工支行", Phone: "0379-63000002"}}
		t.Outlets = t.Outlets[:min(most, 2)]
	}
	if ask.Near != "" {
		t.Outlets = t.Outlets[:1]
	}
	return t, m.refused
}

func TestR19_OutletsAreTextedOncePerCallToTheMobileThatRings(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("agent.one"), wangPhone)
	xigong := hotline.OutletsAsk{Act: "release", District: "410303"}
	_, err := r.SendOutlets(t.Context(), by, call.ID, hotline.OutletsAsk{Act: "release", District: "西工"})
	require.Equal(t, models.Invalid, models.KindOf(err))
	_, err = r.SendOutlets(t.Context(), by, call.ID, hotline.OutletsAsk{Act: "release", District: "410399"})
	require.ErrorIs(t, err, hotline.ErrNoOutletThere)

	keyed := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "sendOutlets", Key: "k1", BodyMAC: []byte("b")})
	sent, err := r.SendOutlets(keyed, by, call.ID, xigong)
	require.NoError(t, err)
	require.Equal(t, []any{false, "138****1234", 2}, []any{sent.Repeated, sent.To.String(), len(sent.Outlets)})
	require.Len(t, r.m.rows.notices, 1)
	d := r.m.rows.notices[0]
	require.Equal(t, []any{notice.ToCaller, call.ID, models.ID("")}, []any{d.To, d.ToRef, d.PersonID})
	require.Equal(t, []string{"西工区人社服务大厅", "0379-63000001", "洛阳银行西工支行"}, []string{d.Params["outlet"], d.Params["outlet_phone"], d.Params["other_outlet"]})
	require.Len(t, r.entries("hotline.outlets.sent"), 1)

	_, err = r.SendOutlets(t.Context(), by, call.ID, xigong)
	require.ErrorIs(t, err, hotline.ErrOutletsSent)
	r.m.refused = hotline.ErrNoOutletThere // the book knows no more by now
	repeat, err := r.SendOutlets(keyed, by, call.ID, xigong)
	require.NoError(t, err)
	require.Equal(t, []any{true, "138****1234", 0}, []any{repeat.Repeated, repeat.To.String(), len(repeat.Outlets)}, "others than were sent are not named")
	r.m.refused = nil
	_, err = r.CloseCall(t.Context(), by, call.ID)
	require.NoError(t, err)
	again, err := r.SendOutlets(keyed, by, call.ID, xigong)
	require.NoError(t, err)
	require.True(t, again.Repeated, "closed by now; the very same request finds what it sent")
	_, err = r.SendOutlets(t.Context(), by, call.ID, xigong)
	require.ErrorIs(t, err, hotline.ErrNoActiveCall)
	require.Len(t, r.m.rows.notices, 1)

	landline, other := r.call(r.agent("agent.two"), "0379-63001234")
	_, err = r.SendOutlets(t.Context(), other, landline.ID, xigong)
	require.ErrorIs(t, err, hotline.ErrCallerNotMobile)
}

func TestOneOutletIsTextedWithNeutralWordsForTheOther(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("agent.one"), wangPhone)
	_, err := r.SendOutlets(t.Context(), by, call.ID, hotline.OutletsAsk{Act: "release", District: "410303", Near: "大厅"})
	require.NoError(t, err)
	require.Equal(t, []string{"其他社保卡服务网点", "12333"}, []string{r.m.rows.notices[0].Params["other_outlet"], r.m.rows.notices[0].Params["other_phone"]})
}
