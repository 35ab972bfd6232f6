package knowledge

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheSearchIsAFunctionOfItsWords(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"跨行", "行取", "取款", "16", "元", "abc"}, grams("跨行取款,16元 ABC,跨行"))
	require.Equal(t, []string{"12333"}, grams("12333"))
	require.Empty(t, grams(" ,。!"))
	all := prepare([]Article{
		{ID: "a", Question: "社保问答"}, {ID: "b", Question: "社保激活", Keywords: []string{"开通"}},
		{ID: "c", Question: "社保激活"}, {ID: "d", Question: "社保挂失", Answer: "先激活"},
	})
	ids := func(query string) string {
		var out []string
		for _, f := range rank(all, query) {
			out = append(out, f.ID)
		}
		return strings.Join(out, " ")
	}
	require.Equal(t, "a b c d", ids(""))
	require.Equal(t, "a b c d", ids("社保"), "what all have in common counts when nothing else is asked for")
	require.Equal(t, "d", ids("社保挂失"))
	require.Equal(t, "b", ids("开通"))
	require.Equal(t, "b", ids("开"))
	require.Empty(t, ids("奶茶"))
	require.Empty(t, ids("社保奶茶"))
}

func TestBadArticlesAreRefused(t *testing.T) {
	t.Parallel()
	const good = `{"id":"a","question":"问","answer":"请拨打12333","keywords":["词"],"rules":["R1"],"valid_from":"2021-12-20","reviewed_on":"2021-12-20"}`
	_, err := parse([]byte("["+good+"]"), ForAll)
	require.NoError(t, err)
	_, err = parse([]byte("["+strings.Replace(good, "12333", "电话", 1)+"]"), ForStaff)
	require.NoError(t, err, "agents are the way forward themselves")
	for name, raw := range map[string]string{
		"twice": "[" + good + "," + good + "]", "none": "[]", "not json": "{",
		"no way forward": "[" + strings.Replace(good, "12333", "电话", 1) + "]",
		"no rule":        "[" + strings.Replace(good, `["R1"]`, "[]", 1) + "]",
		"no such day":    "[" + strings.Replace(good, "2021-12-20", "2021-13-20", 1) + "]",
		"unknown field":  "[" + strings.Replace(good, `"id"`, `"owner":"x","id"`, 1) + "]",
	} {
		_, err := parse([]byte(raw), ForAll)
		require.Error(t, err, name)
	}
}
