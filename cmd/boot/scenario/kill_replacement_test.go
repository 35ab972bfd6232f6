package scenario_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/integrations/sandbox/registry"
)

// payKills is how often the process dies between a payment and the registry's answer to the order it pays for.
const payKills = 3

// Design 1: what was paid is ordered. The process is killed while the platform's notice is on its way, taken, or the order
// is being carried: after the next start there is one paid fee and one order at the registry, never none and never two.
func TestR21_KilledBetweenPaymentAndOrderLosesNothing(t *testing.T) {
	t.Parallel()
	for name, onServers := range map[string]bool{"sqlite": false, "postgres": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			boottest.EmbeddedHalf(t, !onServers)
			w := newWorld(t, onServers)
			require.NoError(t, w.fault(`{"target":"payments","fault":"off"}`))
			killedWhilePaying(t, w)
		})
	}
}

func killedWhilePaying(t *testing.T, w *world) {
	random := seed(t)
	free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	at := "ONECARD_HTTP_ADDR=" + free.Addr().String() // the platform goes on sending to the address it was given
	require.NoError(t, free.Close())
	running := w.start("dev", at)
	p := newProduct(running.base)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	wang := w.checked(ctx, p, "wang")
	for round := range payKills {
		order := replacementOrder(ctx, t, p, wang)
		_, err := p.must(ctx, http.StatusCreated, http.MethodPost, "/v1/fee-orders/"+order.fee+"/payment", wang.token, nil)
		require.NoError(t, err)
		taken := make(chan struct{})
		go func() {
			defer close(taken)
			_, _ = w.desk.City.WeChatPay.Pay("", 1)
		}()
		moment(random.IntN(100_000))
		running.kill()
		<-taken
		running = w.start("dev", at)
		_, err = w.desk.City.WeChatPay.Notify("", 1) // as the platform does until it is answered
		require.NoError(t, err)
		require.NoError(t, until(ctx, func() error { return order.is(ctx, p, wang, "accepted", "paid") }))
		require.Len(t, openOrders(w), 1, "round %d", round)

		_, err = p.call(ctx, http.MethodPost, "/v1/replacements/"+order.id+"/withdrawal", wang.token, fmt.Sprintf("back-%d-0001", round), nil)
		require.NoError(t, err)
		require.NoError(t, until(ctx, func() error {
			if _, err := w.desk.City.WeChatPay.SettleRefund("", "SUCCESS", 1); err != nil {
				return err
			}
			return order.is(ctx, p, wang, "withdrawn", "refunded")
		}))
		require.Empty(t, openOrders(w))
	}
	require.Len(t, w.desk.City.Registry.Applications("wang"), payKills, "one order for each payment")
	require.NoError(t, running.stop(40*time.Second), running.log.tail())
	w.auditHolds()
}

func openOrders(w *world) (out []registry.StagedApplication) {
	for _, a := range w.desk.City.Registry.Applications("wang") {
		if a.AZ03.ValidTag == "1" {
			out = append(out, a)
		}
	}
	return out
}

// paidOrder is a replacement and its fee.
type paidOrder struct{ id, fee string }

func replacementOrder(ctx context.Context, t *testing.T, p *product, who *person) paidOrder {
	t.Helper()
	var outlet map[string]any
	require.NoError(t, until(ctx, func() error { // the feed brings them
		outlets, err := p.must(ctx, http.StatusOK, http.MethodGet, "/v1/outlets?kind=hrss&limit=1", who.token, nil)
		if items, _ := outlets.body["items"].([]any); err == nil && len(items) > 0 {
			outlet, _ = items[0].(map[string]any)
			return nil
		}
		return fmt.Errorf("no outlet yet: %w", err)
	}))
	made, err := p.must(ctx, http.StatusCreated, http.MethodPost, "/v1/replacements", who.token,
		map[string]any{"card_id": who.cardID, "reason": "damaged", "outlet_ref": outlet["ref"]})
	require.NoError(t, err)
	r, _ := made.body["replacement"].(map[string]any)
	fee, _ := r["fee"].(map[string]any)
	return paidOrder{fmt.Sprint(r["replacement_id"]), fmt.Sprint(fee["fee_order_id"])}
}

func (o paidOrder) is(ctx context.Context, p *product, who *person, state, fee string) error {
	now, err := p.must(ctx, http.StatusOK, http.MethodGet, "/v1/replacements/"+o.id, who.token, nil)
	if err != nil {
		return err
	}
	owed, _ := now.body["fee"].(map[string]any)
	if now.text("state") != state || owed["state"] != fee {
		return fmt.Errorf("the replacement is %s and its fee %v", now.text("state"), owed["state"])
	}
	return nil
}

// checked is a named citizen, bound by a code and then checked in person.
func (w *world) checked(ctx context.Context, p *product, key string) *person {
	w.t.Helper()
	c, ok := w.desk.City.Registry.Citizen(key)
	require.True(w.t, ok)
	one := &person{Citizen: c}
	require.NoError(w.t, w.bindOne(ctx, p, one))
	texts, err := p.must(ctx, http.StatusOK, http.MethodGet, "/v1/me/consents", one.token, nil)
	require.NoError(w.t, err)
	items, _ := texts.body["items"].([]any)
	for _, item := range items {
		if text, _ := item.(map[string]any); text["purpose"] == "face" {
			_, err := p.must(ctx, http.StatusCreated, http.MethodPost, "/v1/me/consents", one.token, map[string]any{"purpose": "face", "version": text["version"]})
			require.NoError(w.t, err)
		}
	}
	begun, err := p.must(ctx, http.StatusCreated, http.MethodPost, "/v1/me/checks", one.token, nil)
	require.NoError(w.t, err)
	require.NoError(w.t, postJSON(ctx, w.desk.URL()+"/desk/face", `{"citizen":"`+key+`","passed":true}`))
	done, err := p.must(ctx, http.StatusOK, http.MethodPost, "/v1/me/checks/"+begun.text("check_id")+"/finish", one.token, nil)
	require.NoError(w.t, err)
	if token := done.text("token"); token != "" {
		one.token = token
	}
	return one
}
