package citizen

// CodeShare is how many of the codes that an app asked for were used. Codes that are asked for and never typed in are how
// somebody earns by messages to numbers of her own (短信轰炸, 恶意充值): nobody else has a reason to.
type CodeShare struct {
	App  string // the app's id at its platform; empty: no app is known
	Sent int
	Used int
}

// Low reports whether less than leastPercent of the codes were used. Below from codes nothing is said: a few people who gave
// up are no sign of anything.
func (s CodeShare) Low(leastPercent, from int) bool {
	return s.Sent >= max(from, 1) && s.Used*100 < s.Sent*leastPercent
}
