package registry

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// asks calls the interface that is asked person by person.
func (g *rig) asks(service, key string, bend ...string) string {
	g.t.Helper()
	form := url.Values{"user": {cardsClient.ID}, "password": {cardsClient.Secret}, "service": {service}, "city": {"410300"}, "key": {key}}
	for i := 0; i+1 < len(bend); i += 2 {
		form.Set(bend[i], bend[i+1])
	}
	res, err := http.PostForm(g.url+AskedPath, form)
	require.NoError(g.t, err)
	defer func() { require.NoError(g.t, res.Body.Close()) }()
	raw, err := io.ReadAll(res.Body)
	require.NoError(g.t, err)
	require.Equal(g.t, http.StatusOK, res.StatusCode)
	return strings.TrimSpace(string(raw))
}

func TestTheOtherFaceOfTheSameCity(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	wang, _ := g.Citizen("wang")
	card := g.CardsOf("wang")[0]
	who := wang.IDNumber + "|" + wang.Name
	hers := who + "|" + card.CardNo

	told := strings.Split(g.asks("0811014", who), "|")
	require.Len(t, told, 15)
	require.Equal(t, []string{"00", wang.PersonRef, wang.IDNumber, wang.Name}, told[:4])
	require.Contains(t, g.asks("getAC01", who), "<ERR>OK</ERR><AAC001>"+wang.PersonRef+"</AAC001>")
	require.Equal(t, "查无数据", g.asks("0811016", who), "no application, no record")

	require.Equal(t, "00", g.asks("0821017", hers))
	require.Equal(t, "01", g.asks("0821017", hers))
	require.Contains(t, g.asks("01", hers), "<ERR>01</ERR>")
	require.Equal(t, "2", g.CardsOf("wang")[0].AAZ502)
	require.Equal(t, "00", g.asks("0821015", hers))
	require.Equal(t, "01", g.asks("0821015", hers))
	require.Contains(t, g.asks("01", hers), "<ERR>00</ERR>")
	require.Equal(t, "4", g.CardsOf("wang")[0].AAZ502)
	require.Len(t, g.EffectsOf("", card.Ref), 3)
	require.Len(t, g.EffectsOf("", card.Ref), 3)

	for want, ask := range map[string][]string{
		"用户名或密码错误": {"0811014", who, "password", "another"}, "没有此项服务": {"99", who}, "参数不完整": {"0811014", wang.IDNumber}, "查无此卡": {"0821017", who + "|A00000000"},
		"姓名与社会保障号码不一致": {"0811014", wang.IDNumber + "|王建军"},
	} {
		require.Equal(t, want, strings.TrimSuffix(strings.TrimPrefix(g.asks(ask[0], ask[1], ask[2:]...), ""), "\n"), ask[0])
	}
	require.Equal(t, "查无数据", g.asks("0811014", "41030319800101004X|"+wang.Name))
}

func TestProgressAsItIsAskedFor(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	var who string
	for _, id := range g.st.applications.order {
		if p := g.st.persons.byID[g.st.applications.byID[id].PersonRef]; p.MergedInto == "" {
			who = p.IDNumber + "|" + p.Name
		}
	}
	require.NotEmpty(t, who)
	told := strings.Split(g.asks("0811016", who), "|")
	require.Len(t, told, 15)
	require.Len(t, told[4], 14, "14 digits of local time")
	require.Contains(t, g.asks("getAZ03", who), "<BATCHNO>")
}

func TestTheListsAreThoseOfTheCity(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	raw, err := json.Marshal(g.lists())
	require.NoError(t, err)
	var lists struct{ Banks, Outlets []map[string]any }
	require.NoError(t, json.Unmarshal(raw, &lists))
	require.Len(t, lists.Banks, len(g.st.banks.order))
	require.Len(t, lists.Outlets, len(g.st.outlets.order))
}
