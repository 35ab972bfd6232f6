package registry

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/stretchr/testify/require"
)

// streamed reads a batch's lines as a client does, and checks the trailer.
func (g *rig) streamed(batch string) []PaymentLine {
	g.t.Helper()
	n := nonce()
	req := signed(g.t, paymentsClient, http.MethodGet, g.url+"/registry/payments/v1/batches/"+batch+"/lines", n, g.clock.Now(), nil)
	res, err := http.DefaultClient.Do(req)
	require.NoError(g.t, err)
	defer func() { require.NoError(g.t, res.Body.Close()) }()
	require.Equal(g.t, http.StatusOK, res.StatusCode)
	digest, lines := sm3.New(), bufio.NewScanner(res.Body)
	var out []PaymentLine
	for lines.Scan() {
		fmt.Fprintf(digest, "%s\n", lines.Bytes())
		var l PaymentLine
		require.NoError(g.t, json.Unmarshal(lines.Bytes(), &l))
		out = append(out, l)
	}
	require.NoError(g.t, lines.Err())
	require.Equal(g.t, hexOf(digest), res.Trailer.Get(headerContent))
	require.Equal(g.t, mac(paymentsClient.Secret, "answer", n, "200", res.Header.Get(headerTimestamp), hexOf(digest)), res.Trailer.Get(headerSignature))
	require.Empty(g.t, res.Header.Get(headerSignature))
	return out
}

func (g *rig) batch(id string) Batch {
	g.mu.Lock()
	defer g.mu.Unlock()
	return *g.st.batches.byID[id]
}

// fits reports what the announced figures say about the lines.
func fits(b Batch, lines []PaymentLine) bool {
	var total int64
	h := sm3.New()
	for i := range lines {
		total += lines[i].AmountFen
		h.Write(appendDigested(nil, &lines[i]))
	}
	return b.Count == len(lines) && b.TotalFen == total && b.DigestSM3 == hexOf(h)
}

func TestAStreamedBatchIsWhatWasAnnounced(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	all := g.happen(Happening{Kind: "payday", Programme: "2", State: "credited"})
	lines := g.streamed(all["batch_id"])
	require.True(t, fits(g.batch(all["batch_id"]), lines))
	require.Greater(t, len(lines), 100, "every payee of the item")
	persons := map[string]bool{}
	for i, l := range lines {
		require.Equal(t, i+1, l.LineNo)
		require.Equal(t, all["batch_id"]+"/"+strconv.Itoa(l.LineNo), l.ID)
		require.Equal(t, household, l.PayeeKind)
		require.NotEmpty(t, l.HouseholdRef)
		require.NotNil(t, l.CreditedAt)
		require.NotEmpty(t, l.CreditNo)
		persons[l.PayeeRef] = true
	}
	require.Len(t, persons, len(lines), "each once")

	of := g.happen(Happening{Kind: "payday", Programme: "41", District: "410303", Lines: 5000, LedgerMonth: "2021-11"})
	lines = g.streamed(of["batch_id"])
	require.Len(t, lines, 5000)
	require.True(t, fits(g.batch(of["batch_id"]), lines))
	for _, l := range lines {
		require.Equal(t, "410303", l.District)
		require.Equal(t, "sent", l.State)
		require.Equal(t, "2021-11", l.LedgerMonth)
		require.Nil(t, l.CreditedAt)
	}
	require.Equal(t, lines, g.streamed(of["batch_id"]), "the same lines each time")
}

func TestALargeBatchLiesReadyAndIsTheSame(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Dir: t.TempDir()})
	id := g.happen(Happening{Kind: "payday", Lines: readyLines})["batch_id"]
	made := func() *payday {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.st.paydays[id]
	}
	require.NotNil(t, made().ready)
	lines := g.streamed(id)
	require.True(t, fits(g.batch(id), lines))
	unready := *made()
	unready.ready = nil
	g.mu.Lock()
	g.st.paydays[id] = &unready // as in a registry that was started anew
	g.mu.Unlock()
	require.Equal(t, lines, g.streamed(id))

	g.happen(Happening{Kind: "reannounce", BatchID: id, Odd: []OddLine{{Line: 7, What: "zero"}}})
	require.NotNil(t, made().ready)
	require.Zero(t, g.streamed(id)[6].AmountFen, "newer lines lie ready anew")
	g.happen(Happening{Kind: "return", LineID: id + "/3"})
	require.Equal(t, "returned", g.streamed(id)[2].State, "what happened to one line counts")
	left, err := os.ReadDir(g.opts.Dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "beside the journal nothing has a name")
}

func TestABatchIsAnnouncedAgainAndWithdrawn(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Dir: t.TempDir()})
	id := g.happen(Happening{Kind: "payday", Lines: 30, Odd: []OddLine{{Line: 7, What: "payee", Citizen: "chen"}}})["batch_id"]
	first := g.streamed(id)
	g.happen(Happening{Kind: "return", LineID: id + "/3"})
	g.happen(Happening{Kind: "reannounce", BatchID: id, State: "credited"})
	again := g.streamed(id)
	require.True(t, fits(g.batch(id), again), "its figures do not change")
	require.Equal(t, int64(2), g.batch(id).Version)
	for i, l := range again {
		require.Equal(t, first[i].BeneficiaryRef, l.BeneficiaryRef)
		require.Greater(t, l.Version, first[i].Version)
		if l.LineNo == 3 {
			require.Equal(t, "returned", l.State, "what happened to one line stays")
		} else {
			require.Equal(t, "credited", l.State)
		}
	}
	chen, _ := g.Citizen("chen")
	require.Equal(t, chen.PersonRef, again[6].PayeeRef)

	reopened, err := New(Options{Seed: 1, Dir: g.opts.Dir, Cards: cardsClient, Payments: paymentsClient, Now: december2021})
	require.NoError(t, err)
	p := reopened.st.paydays[id]
	for i := range again {
		if i != 2 {
			l := p.line(i + 1)
			require.JSONEq(t, string(appendLine(nil, &again[i])), string(appendLine(nil, &l)), "a journal brings them back")
		}
	}
	require.NoError(t, reopened.Close())

	g.happen(Happening{Kind: "withdraw", BatchID: id})
	require.Equal(t, http.StatusGone, g.do(http.MethodGet, "/registry/payments/v1/batches/"+id+"/lines", nil, nil))
	for _, kind := range []string{"withdraw", "reannounce"} {
		_, err := g.Happen(Happening{Kind: kind, BatchID: id})
		require.ErrorIs(t, err, errNoBatch)
	}
}

func TestAPaydaysMistakes(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	for _, figures := range []string{"count", "total", "digest"} {
		id := g.happen(Happening{Kind: "payday", Lines: 10, Figures: figures})["batch_id"]
		require.False(t, fits(g.batch(id), g.streamed(id)), figures)
	}
	for what := range oddities {
		id := g.happen(Happening{Kind: "payday", Lines: 10, Odd: []OddLine{{Line: 4, What: what, Citizen: "li"}}})["batch_id"]
		lines := g.streamed(id)
		require.True(t, fits(g.batch(id), lines), "%s: the figures fit", what)
		plain := *g.st.paydays[id]
		plain.odd = nil
		require.NotEqual(t, plain.line(4), lines[3], what)
	}
	for _, bad := range []Happening{{Programme: "99"}, {District: "110000"}, {Lines: -1}, {State: "planned"}, {Figures: "x"}, {Odd: []OddLine{{Line: 1, What: "x"}}},
		{Odd: []OddLine{{Line: 0, What: "zero"}}}, {Odd: []OddLine{{Line: 1, What: "payee", Citizen: "nobody"}}}} {
		bad.Kind = "payday"
		_, err := g.Happen(bad)
		require.Error(t, err, "%+v", bad)
	}
}

func TestALineIsWrittenAsEncodingJSONWould(t *testing.T) {
	t.Parallel()
	at := time.Date(2021, 12, 20, 1, 2, 3, 450_000_000, time.UTC)
	full := PaymentLine{ID: "b/1", LineKey: LineKey{"2021-12", "b", 1}, Programme: "P02", ProgVersion: 2, District: "410303", BeneficiaryRef: "p", PayeeRef: "q",
		PayeeKind: household, HouseholdRef: "h", Exception: &Exception{"head_absent", "乡镇财政所"}, AmountFen: -5, PeriodName: "2021年度\"<&>\u2028", State: "returned",
		PlannedAt: &at, PublicisedAt: &at, ApprovedAt: &at, SentAt: &at, CreditedAt: &at, ReturnedAt: &at, CreditNo: "c", PayingBank: "103", AccountBank: "102",
		AccountTail: "0001", OldChannel: true, ReturnReason: "NO_CARD", ReissueOf: &LineKey{"2021-11", "a", 3}, ReissuedAs: &LineKey{"2022-01", "c", 4}, Version: 9, ChangedAt: at}
	for _, l := range []PaymentLine{full, {}} {
		want, err := json.Marshal(l)
		require.NoError(t, err)
		require.Equal(t, string(want)+"\n", string(appendLine(nil, &l)))
	}
}

func BenchmarkPaydayLine(b *testing.B) {
	r, err := New(Options{Seed: 1, Cards: cardsClient, Payments: paymentsClient, Now: december2021})
	require.NoError(b, err)
	out, err := r.Happen(Happening{Kind: "payday", Lines: 1_000_000})
	require.NoError(b, err)
	p, no, buf := r.st.paydays[out["batch_id"]], 0, []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		no = no%1_000_000 + 1
		l := p.line(no)
		buf = appendLine(buf[:0], &l)
	}
}
