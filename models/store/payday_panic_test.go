package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/subsidy"
)

// leased remembers the context of the work.
type leased struct {
	failing
	ctx *context.Context
}

func (l leased) LinesStanding(ctx context.Context, b subsidy.BatchLife) (int, error) {
	*l.ctx = ctx
	return l.failing.LinesStanding(ctx, b)
}

func TestAPanicEndsOneTryAndNothingElse(t *testing.T) {
	t.Parallel()
	for step, at := range map[string]func(p *payday, src *tap){
		"reading": func(_ *payday, src *tap) {
			src.fails = func(_ string, line int) error {
				if line == 2 {
					panic("a line nobody thought of")
				}
				return nil
			}
		},
		"payees": func(p *payday, _ *tap) {
			p.Store = failing{p.store, func(step string) error {
				if step == "payees" {
					panic("a payee nobody thought of")
				}
				return nil
			}}
		},
	} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			eachPayday(t, func(t *testing.T, p *payday) {
				src := p.streaming()
				p.announce(src, p.lines("b1", 3))
				at(p, src)
				_, err := p.TakeBatches(t.Context())
				var caught *models.Panic
				require.ErrorAs(t, err, &caught)
				p.Store, src.fails = p.store, nil
				p.clock.Set(p.clock.Now().Add(time.Hour))
				p.takeAll()
				require.Equal(t, 3, p.stored("b1"))
			})
		})
	}
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		p.announce(src, p.lines("b1", 3))
		work := new(context.Context)
		p.Store = leased{failing{p.store, func(step string) error {
			if step == "standing" {
				panic("a row nobody thought of")
			}
			return nil
		}}, work}
		require.Error(t, models.Guard(func() error { _, err := p.TakeBatches(t.Context()); return err }))
		require.Error(t, (*work).Err(), "the lease is drawn out no longer")
		p.Store = p.store
		p.clock.Set(p.clock.Now().Add(time.Hour))
		p.takeAll()
		require.Equal(t, 3, p.stored("b1"))
	})
}
