package registry

import (
	"bufio"
	"errors"
	"io"
	"os"

	"github.com/emmansun/gmsm/sm3"
)

// readyStream is a large batch as it is streamed while nothing has happened to any of its lines, made at its announcement:
// sending it then costs next to nothing, so that a bench measures the reader and not the making of lines.
type readyStream struct {
	body    *os.File // without a name: it goes with its last reader
	size    int64
	content string
}

// readyLines is from how many lines on a batch's stream is made ready.
const readyLines = 10_000

// makeReady writes a payday's stream down. Without a folder, or a small one, it does nothing.
func (r *Registry) makeReady(p *payday) error {
	p.ready = nil
	if r.opts.Dir == "" || p.lines() < readyLines {
		return nil
	}
	f, err := os.CreateTemp(r.opts.Dir, "stream-*")
	if err != nil {
		return err
	}
	digest := sm3.New()
	out := bufio.NewWriterSize(io.MultiWriter(f, digest), 64<<10)
	s := &readyStream{body: f}
	var line []byte
	for no := range p.lines() {
		l := p.line(no + 1)
		line = appendLine(line[:0], &l)
		s.size += int64(len(line))
		if _, err = out.Write(line); err != nil {
			break
		}
	}
	if err = errors.Join(err, out.Flush(), os.Remove(f.Name())); err != nil {
		return errors.Join(err, f.Close())
	}
	s.content = hexOf(digest)
	p.ready = s
	return nil
}

// send sends what lies ready.
func (s *readyStream) send(to io.Writer, stop <-chan struct{}) error {
	from, buf := io.NewSectionReader(s.body, 0, s.size), make([]byte, 64<<10)
	for {
		select {
		case <-stop:
			return errCut
		default:
		}
		n, err := from.Read(buf)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return err
		}
	}
}
