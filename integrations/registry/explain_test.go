package registry

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	sandbox "onecard/integrations/sandbox/registry"
	"onecard/models/mirror"
	"onecard/models/subsidy"
)

func TestOfficesAndDeclarationsAreNamedByTheirContent(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	events, _ := readAll(t, g.payments, "")
	for _, e := range events {
		switch f := e.Fact.(type) {
		case subsidy.Office:
			require.Equal(t, e.EntityID, f.Ref)
		case subsidy.Declaration:
			require.Equal(t, e.EntityID, f.Ref)
			require.NotEmpty(t, f.HolderRef)
		}
	}
}

// What cannot be read waits with its reason; it is never taken for something else.
func TestUnreadableOfficesAndDeclarationsWait(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	for name, c := range map[string]struct {
		entity string
		data   any
		bad    string
	}{
		"an office without a district":        {"office", sandbox.Office{Ref: "o1", Name: "某局"}, "reference_missing"},
		"a declaration of nobody":             {"declaration", sandbox.Declaration{Ref: "d1", Programme: "P02", PeriodName: "2022年度", State: "approved"}, "reference_missing"},
		"a declaration in a state of its own": {"declaration", sandbox.Declaration{Ref: "d1", PersonRef: "p", Programme: "P02", PeriodName: "2022年度", State: "perhaps"}, "state_form"},
		"a posting on no day": {"declaration", sandbox.Declaration{Ref: "d1", PersonRef: "p", Programme: "P02", PeriodName: "2022年度", State: "posted",
			Posting: &sandbox.Posting{From: "soon"}}, "date_form"},
		"no data of ours": {"office", 17, "data_malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := json.Marshal(c.data)
			require.NoError(t, err)
			e := g.payments.Read(mirror.Event{Entity: c.entity, EntityID: "x", Raw: raw})
			require.Equal(t, c.bad, e.Bad)
			require.Nil(t, e.Fact)
		})
	}
}
