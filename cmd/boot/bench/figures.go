package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// quantile is the q-th part of the way through sorted values, by the nearest rank.
func quantile[T any](sorted []T, q float64) T {
	i := int(q * float64(len(sorted)))
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// spread is a median with its quartiles.
type spread struct {
	Median float64 `json:"median"`
	Low    float64 `json:"p25"`
	High   float64 `json:"p75"`
}

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	v := slices.Sorted(slices.Values(values))
	mid := v[len(v)/2]
	if len(v)%2 == 0 {
		mid = (v[len(v)/2-1] + v[len(v)/2]) / 2
	}
	return spread{mid, quantile(v, 0.25), quantile(v, 0.75)}
}

// Ratio is one judged figure: ours to a baseline, paired round by round.
type Ratio struct {
	Name   string  `json:"ratio"`
	Spread spread  `json:"value"`
	Limit  float64 `json:"limit"`
	Over   bool    `json:"at_least"` // the limit is a floor, not a ceiling
	Rounds int     `json:"rounds"`
	OK     bool    `json:"ok"`
}

func ratio(name string, pairs []float64, limit float64, atLeast bool) Ratio {
	s := spreadOf(pairs)
	ok := len(pairs) > 0 && (s.Median <= limit)
	if atLeast {
		ok = s.Median >= limit
	}
	return Ratio{name, s, limit, atLeast, len(pairs), ok}
}

// Report is what one bench found.
type Report struct {
	Bench   string  `json:"bench"`
	Machine string  `json:"machine"`
	Cases   []Case  `json:"cases"`
	Ratios  []Ratio `json:"ratios"`
	Facts   []Fact  `json:"facts,omitempty"`
	Refused string  `json:"refused,omitempty"` // why there is no verdict
	At      string  `json:"at"`
}

// Fact is a figure that needs no baseline, such as buffers touched.
type Fact struct {
	Name  string  `json:"fact"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Limit float64 `json:"limit,omitempty"`
	OK    bool    `json:"ok"`
}

// Case is one program under the same load, over all rounds.
type Case struct {
	Name  string  `json:"case"`
	Rate  spread  `json:"per_second"`
	CPU   spread  `json:"cpu_us_each"`
	P50ms spread  `json:"p50_ms"`
	P99ms spread  `json:"p99_ms"`
	RSS   float64 `json:"peak_rss_mib,omitempty"`
}

// Failed reports whether a judged figure missed its limit.
func (r Report) Failed() bool {
	return slices.ContainsFunc(r.Ratios, func(x Ratio) bool { return !x.OK }) || slices.ContainsFunc(r.Facts, func(x Fact) bool { return !x.OK })
}

// Print writes the report for people or as one line of JSON per case, ratio and fact.
func (r Report) Print(out io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(out)
		for _, v := range r.lines() {
			if err := enc.Encode(v); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Fprintf(out, "bench %s on %s, %s\n", r.Bench, r.Machine, r.At)
	for _, c := range r.Cases {
		fmt.Fprintf(out, "  %-40s %9.0f /s", c.Name, c.Rate.Median)
		if c.CPU.Median > 0 {
			fmt.Fprintf(out, "  cpu %8.1f us each  p50 %7.2f ms  p99 %7.2f ms", c.CPU.Median, c.P50ms.Median, c.P99ms.Median)
		}
		if c.RSS > 0 {
			fmt.Fprintf(out, "  peak %4.0f MiB", c.RSS)
		}
		fmt.Fprintln(out)
	}
	for _, x := range r.Ratios {
		sign, word := "<=", "ok"
		if x.Over {
			sign = ">="
		}
		if !x.OK {
			word = "MISSED"
		}
		fmt.Fprintf(out, "  %-58s %5.2f  (%.2f-%.2f over %d rounds)  %s %.2f  %s\n", x.Name, x.Spread.Median, x.Spread.Low, x.Spread.High, x.Rounds, sign, x.Limit, word)
	}
	for _, f := range r.Facts {
		word := "ok"
		if !f.OK {
			word = "MISSED"
		}
		limit := ""
		if f.Limit > 0 {
			limit = fmt.Sprintf("limit %g  ", f.Limit)
		}
		fmt.Fprintf(out, "  %-58s %g %s  %s%s\n", f.Name, f.Value, f.Unit, limit, word)
	}
	if r.Refused != "" {
		_, err := fmt.Fprintf(out, "  no verdict: %s\n", r.Refused)
		return err
	}
	return nil
}

func (r Report) lines() []any {
	out := []any{map[string]any{"bench": r.Bench, "machine": r.Machine, "at": r.At, "refused": r.Refused, "failed": r.Failed()}}
	for _, c := range r.Cases {
		out = append(out, c)
	}
	for _, x := range r.Ratios {
		out = append(out, x)
	}
	for _, f := range r.Facts {
		out = append(out, f)
	}
	return out
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
