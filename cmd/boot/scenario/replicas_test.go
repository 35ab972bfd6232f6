package scenario_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/cmd/boot/walk"
)

// Two serve and two work on one PostgreSQL and Redis pass the whole demo while one of each is killed in its middle.
func TestReplicasPassTheDemoWhileOneOfEachIsKilled(t *testing.T) {
	t.Parallel()
	t.Run("server", func(t *testing.T) {
		t.Parallel()
		replicasWalk(t, newWorld(t, true))
	})
}

func replicasWalk(t *testing.T, w *world) {
	random := seed(t)
	front := newBalancer(t)
	pace := boot.DemoFailover()
	w.env = append(w.env, "ONECARD_HTTP_PUBLIC_URL="+front.server.URL, fmt.Sprint("ONECARD_SMS_FAILOVER_FAILURES=", pace.Failures),
		fmt.Sprint("ONECARD_SMS_FAILOVER_OF=", pace.Of), fmt.Sprint("ONECARD_SMS_FAILOVER_SLOW=", pace.Slow),
		fmt.Sprint("ONECARD_SMS_FAILOVER_COOL_DOWN=", pace.CoolDown), fmt.Sprint("ONECARD_SMS_FAILOVER_PROBES=", pace.Probes))
	workers := []*process{w.start("work"), w.start("work")}
	servers := []*process{w.start("serve"), w.start("serve")}
	front.to(t, servers[0].base, servers[1].base)
	w.receiptsTo(front.server.URL)

	steps := walk.Steps()
	serveDies, workDies := steps[4+random.IntN(6)], steps[10+random.IntN(6)]
	victim := random.IntN(2)
	t.Logf("serve %d dies during the step after %s, work %d during the one after %s", victim, serveDies, victim, workDies)
	delay := random.IntN(20_000)
	dying := make(chan struct{}, 2)
	die := func(p *process) {
		go func() {
			moment(delay)
			p.kill()
			dying <- struct{}{}
		}()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	began := time.Now()
	err := walk.Walk(ctx, walk.Options{
		API: front.server.URL, Desk: w.desk.URL(), AgentLogin: boot.DemoAgent.Login, AgentPassword: boot.DemoAgent.Password,
		AgentTOTP: boot.DemoAgent.TOTPSecret, Patience: 2 * time.Minute, Operator: w.operator,
		Step: func(r walk.Result) {
			t.Log(map[bool]string{true: "ok", false: "FAILED"}[r.OK], r.Step, r.Took.Round(time.Millisecond), r.Seen)
			switch r.Step {
			case serveDies:
				die(servers[victim])
			case workDies:
				die(workers[victim])
			}
		},
	})
	require.NoError(t, err)
	<-dying
	<-dying
	t.Logf("walked in %s; answers by replica: %d and %d", time.Since(began).Round(time.Millisecond), front.replicas[0].answered.Load(), front.replicas[1].answered.Load())
	for i := range 2 {
		require.Positive(t, front.replicas[i].answered.Load(), "replica %d", i)
	}
	for _, p := range []*process{servers[1-victim], workers[1-victim]} {
		require.NoError(t, p.stop(40*time.Second), "%s\n%s", p.role, p.log.tail())
	}
	w.auditHolds()
}
