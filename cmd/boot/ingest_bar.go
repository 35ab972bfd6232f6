package boot

import (
	"fmt"
	"io"
	"strings"
	"time"

	"onecard/models/subsidy"
)

// progressBar shows how far a batch has come: on a terminal one line drawn anew, elsewhere a line for each tenth.
type progressBar struct {
	to    io.Writer
	live  bool
	now   func() time.Time
	step  subsidy.TakeStep
	began time.Time
	drawn time.Time
	tenth int
	shown bool
	said  string
}

func newProgressBar(t Terminal) *progressBar {
	return &progressBar{to: t.Err, live: t.Live, now: time.Now}
}

const (
	barWidth = 30
	barPause = 100 * time.Millisecond
)

// show draws a state; most calls draw nothing.
func (b *progressBar) show(p subsidy.Progress) {
	now := b.now()
	if p.Step != b.step {
		b.clear()
		b.step, b.began, b.drawn, b.tenth = p.Step, now, time.Time{}, -1
	}
	share := 1.0
	if p.Of > 0 {
		share = min(1, float64(p.Lines)/float64(p.Of))
	}
	rate := ""
	if took := now.Sub(b.began).Seconds(); took > 0.5 {
		rate = fmt.Sprintf(", %.0f/s", float64(p.Lines)/took)
	}
	if !b.live {
		if tenth := int(share * 10); tenth > b.tenth {
			b.tenth = tenth
			fmt.Fprintf(b.to, "%s: %d of %d lines (%d%%)%s\n", p.Step, p.Lines, p.Of, int(share*100), rate)
		}
		return
	}
	if now.Sub(b.drawn) < barPause && p.Lines < p.Of {
		return
	}
	full := int(share * barWidth)
	fmt.Fprintf(b.to, "\r\x1b[K%-8s [%s%s] %3d%%  %d of %d lines%s", p.Step, strings.Repeat("#", full), strings.Repeat(".", barWidth-full), int(share*100),
		p.Lines, p.Of, rate)
	b.drawn, b.shown = now, true
}

// say writes a sentence once, on a line of its own.
func (b *progressBar) say(sentence string) {
	if sentence == b.said {
		return
	}
	b.clear()
	b.said = sentence
	fmt.Fprintln(b.to, sentence)
}

// clear takes the bar away, so that other words can be written.
func (b *progressBar) clear() {
	if b.shown {
		fmt.Fprint(b.to, "\r\x1b[K")
		b.shown = false
	}
}
