package configs

import "strings"

// mostCalls is how many last calls of a carrier may be looked at: a longer look sees an outage too late.
const mostCalls = 1000

// valid checks pace, fail-over and figures.
func (s SMS) valid(found *Findings) {
	for _, r := range []struct {
		bad          bool
		key, problem string
	}{
		{s.ShareWithoutRedis < 1 || s.ShareWithoutRedis > 100, "sms.share_without_redis", "is not a percentage from 1 to 100"},
		{s.TemplatesMinutes < 0, "sms.templates_minutes", "must be 0 or more; 0 is never"},
		{s.DailyBudgetFen < 0, "sms.daily_budget_fen", "must be 0 or more; 0 is no budget"},
		{s.CodesUsedLeast < 0 || s.CodesUsedLeast > 100, "sms.codes_used_least", "is not a percentage from 0 to 100"},
		{s.CodesJudgedFrom < 1, "sms.codes_judged_from", "must be 1 or more"},
		{s.Failover.Failures < 1, "sms.failover.failures", "must be 1 or more"},
		{s.Failover.Of < s.Failover.Failures || s.Failover.Of > mostCalls, "sms.failover.of", "must be sms.failover.failures or more, and at most 1000"},
		{s.Failover.Probes < 1 || s.Failover.Probes > 100, "sms.failover.probes", "must be from 1 to 100"},
	} {
		if r.bad {
			found.add(r.key, "%s", r.problem)
		}
	}
	for _, number := range s.Senders {
		if len(number) < 4 || len(number) > 20 || strings.Trim(number, "0123456789") != "" {
			found.add("sms.senders", "must be numbers of 4 to 20 digits")
		}
	}
	s.Aliyun.Carrier.valid("sms.aliyun", found)
	s.Tencent.Carrier.valid("sms.tencent", found)
}

func (c Carrier) valid(at string, found *Findings) {
	if c.PerSecond < 0 {
		found.add(at+".per_second", "must be 0 or more; 0 is no cap")
	}
	if c.PartPriceMilli < 0 {
		found.add(at+".part_price_milli", "must be 0 or more")
	}
}
