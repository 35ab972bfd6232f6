// Package walk goes through the main job as citizens, an agent and the registry would, over real HTTP: the public API
// and the desk only. It knows nothing of the program's inside; `onecard demo` and a test of the whole use it.
package walk

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Options say where the product and the desk are, and who the agent is.
type Options struct {
	API, Desk                 string // base addresses, http://127.0.0.1:8080
	AgentLogin, AgentPassword string
	AgentTOTP                 string        // base32 secret
	Patience                  time.Duration // how long an effect may take to show; 20 s when zero
	Step                      func(Result)  // called after each step
	Now                       func() time.Time
	// Operator runs the operator's command line, as in ("sms", "vendor"), and gives what it printed.
	Operator func(ctx context.Context, args ...string) (string, error)
}

// Result is one step and what was seen.
type Result struct {
	Step string        `json:"step"`
	OK   bool          `json:"ok"`
	Seen string        `json:"seen"`
	Took time.Duration `json:"took_ns"`
}

// Walker carries what earlier steps found out.
type Walker struct {
	Options
	desk *client

	wang, li, zhao, chen *citizen
	zhang                *citizen // the old man
	mother, helper       *citizen // chen for her child, zhao for zhang
	neighbour            *citizen // zhao for himself
	agent                *client
	callID, callRef      string // the call, and its conversation at the exchange
	cardID, lossID       string
	downLossID           string
	helpedLossID         string
	applicationID        string
	paidID               string         // the payday's payment to wang
	read                 map[string]int // how often a text to a phone was looked at
	texts                carried
}

type step struct {
	name string
	run  func(w *Walker, ctx context.Context) (string, error)
}

// Steps lists the names in order.
func Steps() []string {
	out := make([]string, len(steps))
	for i, s := range steps {
		out[i] = s.name
	}
	return out
}

var steps = []step{
	{"login.wechat_mini", (*Walker).logInWechatMini},
	{"login.wechat_oa", (*Walker).logInWechatOA},
	{"login.alipay_mini", (*Walker).logInAlipayMini},
	{"login.alipay_life", (*Walker).logInAlipayLife},
	{"bind", (*Walker).bind},
	{"card.show", (*Walker).showCard},
	{"application.submit", (*Walker).submitApplication},
	{"application.progress", (*Walker).followApplication},
	{"guardian.proved", (*Walker).guardianProved},
	{"guardian.applies", (*Walker).guardianApplies},
	{"arrivals.list", (*Walker).listArrivals},
	{"sms.arrival", (*Walker).arrivalSMS},
	{"loss.report", (*Walker).reportLoss},
	{"loss.effective", (*Walker).lossEffective},
	{"sms.loss", (*Walker).lossSMS},
	{"loss.while_registry_down", (*Walker).lossWhileDown},
	{"loss.recovered", (*Walker).lossRecovered},
	{"release", (*Walker).release},
	{"helper.named", (*Walker).helperNamed},
	{"helper.reports_loss", (*Walker).helperReportsLoss},
	{"helper.may_not", (*Walker).helperMayNot},
	{"hotline.login", (*Walker).agentLogIn},
	{"hotline.verify", (*Walker).agentVerify},
	{"hotline.keyed_code", (*Walker).agentCode},
	{"hotline.loss", (*Walker).agentLoss},
	{"hotline.release_refused", (*Walker).agentRelease},
	{"payday.credited", (*Walker).paydayCredited},
	{"explain.returned", (*Walker).explainReturned},
	{"statement.check", (*Walker).checkStatement},
	{"feedback.not_received", (*Walker).feedbackNotReceived},
	{"sms.vendor_slow", (*Walker).vendorSlow},
	{"sms.vendor_back", (*Walker).vendorBack},
	{"sms.vendor_failing", (*Walker).vendorFailing},
	{"replacement.wechat_pay", (*Walker).replacementByWeChat},
	{"replacement.alipay", (*Walker).replacementByAlipay},
	{"replacement.rejected_refunded", (*Walker).replacementRejected},
}

// ErrStep is a step that did not go as it should; its text says what was wanted and what came.
var ErrStep = errors.New("the demo stopped")

// Walk takes the steps in order and stops at the first that fails.
func Walk(ctx context.Context, o Options) error {
	if o.Patience == 0 {
		o.Patience = 20 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	w := &Walker{Options: o, desk: newClient(o.Desk), read: map[string]int{}}
	for _, s := range steps {
		began := time.Now()
		seen, err := s.run(w, ctx)
		r := Result{Step: s.name, OK: err == nil, Seen: seen, Took: time.Since(began)}
		if err != nil {
			r.Seen = err.Error()
		}
		if o.Step != nil {
			o.Step(r)
		}
		if err != nil {
			return fmt.Errorf("%w at %s: %w", ErrStep, s.name, err)
		}
	}
	return nil
}

// eventually tries again until what is a fact shows, or patience ends.
func (w *Walker) eventually(ctx context.Context, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, w.Patience)
	defer cancel()
	for pause := 100 * time.Millisecond; ; pause = min(pause*3/2, 2*time.Second) {
		err := try()
		if err == nil {
			return nil
		}
		if !sleep(ctx, pause) {
			return fmt.Errorf("not within %s: %w", w.Patience, err)
		}
	}
}

// sleep waits, and reports whether there was time to.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
