package scenario

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/integrations/redis/redistest"
)

// TestR61_AFurtherCodeNeedsAnAnswer is who asked for two codes and got neither: she answers a question and goes on. Redis may
// be gone meanwhile: what stands between a script and other people's phones is in the database.
func TestR61_AFurtherCodeNeedsAnAnswer(t *testing.T) {
	t.Parallel()
	addr, stop := redistest.Stoppable(t)
	r := boottest.Start(t, boottest.OnRedis(addr, "challenged:"))
	wang := r.LogIn("wechat_mini", "wang")
	wang.Consent("privacy_notice")
	const path = "/v1/me/binding/codes"
	claim := map[string]string{"name": wang.Name, "id_number": wang.IDNumber, "phone": wang.Phone}
	with := func(id, answer string) map[string]string {
		c := maps.Clone(claim)
		c["challenge_id"], c["challenge_answer"] = id, answer
		return c
	}
	for range 2 {
		wang.Post(path, claim).Is(http.StatusAccepted)
		r.Later(time.Minute)
	}
	refused := wang.Post(path, claim).Refused(http.StatusForbidden, "CHALLENGE_REQUIRED")
	where := refused.Text("facts", "challenge")
	stop()

	picture := wang.Post(where, map[string]string{"kind": "picture"}).Is(http.StatusCreated)
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(picture.Text("picture"), "data:image/png;base64,"))
	require.NoError(t, err)
	shown, err := png.DecodeConfig(bytes.NewReader(raw))
	require.NoError(t, err)
	require.Equal(t, []int{400, 140}, []int{shown.Width, shown.Height})
	wang.Post(path, with(picture.Text("challenge_id"), "0000")).Refused(http.StatusUnprocessableEntity, "CHALLENGE_WRONG")

	question := wang.Post(where, map[string]string{"kind": picture.Text("other")}).Is(http.StatusCreated)
	answered := with(question.Text("challenge_id"), readOut(t, question.Text("question")))
	wang.Post(path, answered).Is(http.StatusAccepted)
	r.Later(time.Minute)
	wang.Post(path, answered).Refused(http.StatusConflict, "CHALLENGE_OVER")
	require.Len(t, r.Messages("wang"), 3, "a code for each that was opened")
	wang.Post("/v1/me/binding", map[string]string{"code": r.CodeOf("wang")}).Is(http.StatusOK)

	var results []string
	for _, d := range r.Decisions("citizen.challenge.answered") {
		results = append(results, d.Result)
	}
	require.ElementsMatch(t, []string{"refused", "passed"}, results)
}

// readOut answers a question as a person does who hears it.
func readOut(t *testing.T, question string) string {
	t.Helper()
	number := func(words string) int {
		n, ten := 0, 0
		for _, r := range words {
			if r == '十' {
				ten, n = max(n, 1)*10, 0
				continue
			}
			n = strings.IndexRune("零一二三四五六七八九", r) / len("零")
		}
		return ten + n
	}
	_, asked, _ := strings.Cut(strings.Trim(question, "。?"), ":")
	if a, b, sum := strings.Cut(asked, "加"); sum {
		b, _, _ = strings.Cut(b, "等于")
		return strconv.Itoa(number(a) + number(b))
	}
	require.Contains(t, asked, "、", question)
	return asked // in words, as it was heard
}
