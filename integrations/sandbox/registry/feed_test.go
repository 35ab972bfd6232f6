package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type readEvent struct {
	Entity, ID, Type string
	Version          int64
	Data             json.RawMessage
}

type readPage struct {
	Events      []readEvent
	Items       []readEvent
	NextCursor  string    `json:"next_cursor"`
	NextAfter   string    `json:"next_after"`
	Cursor      string    `json:"cursor"`
	More        bool      `json:"more"`
	CurrentAsOf time.Time `json:"current_as_of"`
}

// all reads a source's feed from a cursor to its end.
func (g *rig) all(source, cursor string) (events []readEvent, end string) {
	g.t.Helper()
	for {
		var p readPage
		require.Equal(g.t, http.StatusOK, g.do("GET", "/registry/"+source+"/v1/feed?limit=1000&cursor="+url.QueryEscape(cursor), nil, &p))
		events, cursor = append(events, p.Events...), p.NextCursor
		if !p.More {
			return events, cursor
		}
	}
}

func TestFeedTellsTheWholeCityThenEachChange(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	events, end := g.all("cards", "")
	count := map[string]int{}
	for _, e := range events {
		count[e.Entity]++
	}
	require.GreaterOrEqual(t, count["person"], 2000)
	require.Len(t, events, count["person"]+count["card"]+count["bank"]+count["outlet"]+count["application"])
	quiet, same := g.all("cards", end)
	require.Empty(t, quiet)
	require.Equal(t, end, same, "a heart-beat does not move the cursor")
	g.command(g.about("loss", "request-1", "wang", 1))
	news, _ := g.all("cards", end)
	require.Len(t, news, 1)
	require.Equal(t, "card.loss", news[0].Type)
	require.Equal(t, g.CardsOf("wang")[0].Ref, news[0].ID)

	payments, _ := g.all("payments", "")
	batches := map[string]bool{}
	for _, e := range payments {
		if e.Entity == "batch" {
			batches[e.ID] = true
		}
		if e.Entity == "payment_line" {
			require.True(t, batches[e.ID[:strings.IndexByte(e.ID, '/')]], "a batch comes before its lines")
		}
	}
}

func TestFeedTooOldThenSnapshot(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, err := g.Happen(Happening{Kind: "trim_feed", Target: "cards"})
	require.NoError(t, err)
	var p problem
	require.Equal(t, http.StatusGone, g.do("GET", "/registry/cards/v1/feed", nil, &p))
	require.Equal(t, "CURSOR_TOO_OLD", p.Code)
	cursor, after, people := "", "", 0
	for {
		var page readPage
		require.Equal(t, http.StatusOK, g.do("GET", "/registry/cards/v1/snapshot?entity=person&limit=1000&after="+after, nil, &page))
		if cursor == "" {
			cursor = page.Cursor
			g.command(g.about("loss", "request-1", "wang", 1)) // changes while the snapshot runs
		}
		people += len(page.Items)
		if after = page.NextAfter; after == "" {
			break
		}
	}
	require.GreaterOrEqual(t, people, 2000)
	news, _ := g.all("cards", cursor)
	require.Len(t, news, 1, "the feed goes on from where the snapshot began")
}

func TestFeedRefusesWhatItDidNotIssue(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, end := g.all("payments", "")
	for _, q := range []string{"limit=0", "limit=1001", "limit=many"} {
		require.Equal(t, http.StatusBadRequest, g.do("GET", "/registry/cards/v1/feed?"+q, nil, nil), q)
	}
	for _, q := range []string{"feed?cursor=x", "feed?cursor=" + end, "feed?cursor=" + cursorOf("cards", 1<<30), "snapshot?entity=person&after=gone"} {
		var p problem
		require.Equal(t, http.StatusGone, g.do("GET", "/registry/cards/v1/"+q, nil, &p), q)
		require.Equal(t, "CURSOR_UNKNOWN", p.Code, q)
	}
	require.Equal(t, http.StatusBadRequest, g.do("GET", "/registry/cards/v1/snapshot?entity=batch", nil, nil))
	require.Equal(t, http.StatusNotFound, g.do("GET", "/registry/payments/v1/persons/p1", nil, nil))
}

func TestHeldFeedStandsStill(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, end := g.all("cards", "")
	_, err := g.Happen(Happening{Kind: "hold_feed", Target: "cards"})
	require.NoError(t, err)
	g.clock.advance(time.Hour)
	g.command(g.about("loss", "request-1", "wang", 1))
	var p readPage
	g.do("GET", "/registry/cards/v1/feed?cursor="+end, nil, &p)
	require.Empty(t, p.Events)
	require.Equal(t, december2021().UTC(), p.CurrentAsOf)
	_, err = g.Happen(Happening{Kind: "resume_feed", Target: "cards"})
	require.NoError(t, err)
	news, _ := g.all("cards", end)
	require.Len(t, news, 1)
}

func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := newRig(t, Options{Dir: dir, Fence: true})
	first.command(first.about("loss", "request-1", "wang", 5))
	_, err := first.Happen(Happening{Kind: "credit", Citizen: "wang", Programme: "23", AmountFen: 60000, Times: 3})
	require.NoError(t, err)
	image := append([]byte("\xff\xd8\xff\xe0"), make([]byte, 100)...)
	sum := sha256.Sum256(image)
	require.Equal(t, http.StatusOK, first.do("PUT", "/registry/cards/v1/attachments/"+hex.EncodeToString(sum[:]), image, nil))
	cardsEvents, _ := first.all("cards", "")
	payEvents, _ := first.all("payments", "")
	require.NoError(t, first.Close())

	path := filepath.Join(dir, journalName) // a crash cut the last line
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(`{"command":{"request_id":"half`)
	require.NoError(t, err)
	require.NoError(t, f.Close())

	second := newRig(t, Options{Dir: dir, Fence: true, StartMonth: december2021().AddDate(1, 0, 0)})
	again, _ := second.all("cards", "")
	require.Equal(t, cardsEvents, again)
	again, _ = second.all("payments", "")
	require.Equal(t, payEvents, again)
	require.Equal(t, "done", second.command(second.about("loss", "request-1", "wang", 5)).Outcome)
	require.Len(t, second.EffectsOf("request-1", ""), 1, "still one effect")
	require.Equal(t, "SEQ_OLD", second.command(second.about("release", "request-2", "wang", 4)).ReasonCode)
	require.Contains(t, second.st.attachments, hex.EncodeToString(sum[:]))
}
