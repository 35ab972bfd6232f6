package configs

import "time"

// Telephone is the hotline's telephone system (docs/telephone-contract.md), and the hotline's figures around it.
type Telephone struct {
	URL      string        `koanf:"url" doc:"address of the telephone system; empty: it is not asked for anything, and agents dial by hand"`
	ClientID string        `koanf:"client_id" doc:"the name under which both sides sign; empty: no telephone system, calls are opened by hand"`
	Secret   Secret        `koanf:"secret" doc:"signs its events and our orders; 32 characters or more"`
	DialOut  bool          `koanf:"dial_out" doc:"it dials for us, and its word says whether somebody answered; off: the agent dials and says so, which is recorded as the weaker proof that it is"`
	Timeout  time.Duration `koanf:"timeout" doc:"time for one order"`

	AfterCall     time.Duration `koanf:"after_call" doc:"time for notes once the caller is gone; nobody is looked at in it"`
	CodeTries     int           `koanf:"code_tries" doc:"wrong codes a caller may key in for one check of her phone"`
	Opens         string        `koanf:"opens" doc:"when the hotline's day begins (Asia/Shanghai), 08:30; promised calls are due within its hours, on working days"`
	Closes        string        `koanf:"closes" doc:"when it ends"`
	CallBackIn    time.Duration `koanf:"call_back_in" doc:"a promised call is due after so much of the hotline's working time"`
	CallBackAgain time.Duration `koanf:"call_back_again" doc:"one that nobody answered is due again after so much of it"`
	CallBackTries int           `koanf:"call_back_tries" doc:"calls that nobody answers until a promise is given up"`
	TakenFor      time.Duration `koanf:"taken_for" doc:"a promise that somebody took and did not dial goes back to the queue after so long"`
}

// clock reads 08:30 as a time after midnight.
func clock(s string) (time.Duration, bool) {
	t, err := time.Parse("15:04", s)
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, err == nil && len(s) == len("15:04")
}

// Hours are the hotline's day, after midnight.
func (t Telephone) Hours() (opens, closes time.Duration) {
	opens, _ = clock(t.Opens)
	closes, _ = clock(t.Closes)
	return opens, closes
}

func (t Telephone) valid(found *Findings, hasDesk bool) {
	opens, opensRight := clock(t.Opens)
	closes, closesRight := clock(t.Closes)
	for _, r := range []struct {
		bad          bool
		key, problem string
	}{
		{!opensRight, "telephone.opens", "is not a time of day like 08:30"},
		{!closesRight || closes <= opens, "telephone.closes", "is not a time of day after telephone.opens"},
		{t.AfterCall < 0 || t.AfterCall > time.Hour, "telephone.after_call", "must be between 0 and 1h"},
		{t.CodeTries < 1 || t.CodeTries > 5, "telephone.code_tries", "must be between 1 and 5"},
		{t.CallBackIn < time.Minute || t.CallBackIn > 24*time.Hour, "telephone.call_back_in", "must be between 1m and 24h"},
		{t.CallBackAgain < time.Minute || t.CallBackAgain > 24*time.Hour, "telephone.call_back_again", "must be between 1m and 24h"},
		{t.CallBackTries < 1 || t.CallBackTries > 10, "telephone.call_back_tries", "must be between 1 and 10"},
		{t.TakenFor < time.Minute, "telephone.taken_for", "must be 1m or more"},
		{t.ClientID != "" && !t.Secret.IsSet(), "telephone.secret", "is empty; whoever runs the telephone system gave it to us"},
		{t.ClientID != "" && t.Timeout <= 0, "telephone.timeout", "must be more than 0"},
		{t.DialOut && t.URL == "" && t.ClientID != "" && !hasDesk, "telephone.dial_out", "needs telephone.url: nobody could be asked to dial"},
		{t.URL != "" && t.ClientID == "", "telephone.client_id", "is empty; without it no order can be signed"},
	} {
		if r.bad {
			found.add(r.key, "%s", r.problem)
		}
	}
}
