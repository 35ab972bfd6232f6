package query

import (
	"testing"

	"onecard/integrations/registry/cardstest"
)

// A source that is only asked cannot promise what it does not know. In place of request ids the card is read back; in place
// of the fence the next command waits, and a loss is asserted once more (models/card and its model test hold that).
func TestASourceThatIsOnlyAskedConforms(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]rigConfig{
		"pipe": {form: "pipe"}, "xml": {form: "xml"}, "pipe in gb18030": {form: "pipe", gb: true}, "xml in gb18030": {form: "xml", gb: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cardstest.Run(t, cardstest.Promise{Charsets: true}, func(t *testing.T, s cardstest.Setup) cardstest.Side {
				return newRig(t, cfg, s).side()
			})
		})
	}
}
