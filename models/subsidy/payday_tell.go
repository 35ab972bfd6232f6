package subsidy

import (
	"context"

	"onecard/models/notice"
)

// tellLines is how many lines of a batch are turned into notices in one commit.
const tellLines = 300

// TellBatches turns some lines of one batch into notices, or of one withdrawn batch into corrections. It reports whether
// more may wait. A notice's cause keeps it once, and run and notices move in one commit: it may be repeated, and any
// number of replicas share the runs.
func (s *Service) TellBatches(ctx context.Context) (more bool, err error) {
	if open, err := s.Store.RunsOpen(ctx); err != nil || !open {
		return false, err
	}
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		run, ok, err := s.Store.HoldRun(ctx)
		if err != nil || !ok {
			return err
		}
		more = true
		lines, err := s.Store.RunLines(ctx, run, tellLines)
		if err != nil {
			return err
		}
		told := 0
		if len(lines) > 0 {
			if told, err = s.tellSome(ctx, run, lines); err != nil {
				return err
			}
			run.Next = lines[len(lines)-1].Key.Line + 1
		}
		run.State, run.Told = RunRunning, run.Told+told
		if len(lines) < tellLines {
			run.State, run.EndedAt = RunDone, s.Clock.Now()
		}
		return s.Store.SaveRun(ctx, run)
	})
	return more && err == nil, err
}

func (s *Service) tellSome(ctx context.Context, run NoticeRun, lines []Payment) (int, error) {
	programmes, err := s.editions(ctx)
	if err != nil {
		return 0, err
	}
	told := teller{service: s, names: map[string]string{}}
	if run.Kind == TellCorrection {
		err = told.correct(ctx, lines, programmes, "withdrawn")
	} else {
		for _, p := range lines {
			if run.Kind == TellAgain && p.State != Credited { // who got a return was told of it, or of the reversal, where it came
				continue
			}
			pr, _ := programmes.of(p)
			if err = told.hear(ctx, change{is: p}, pr); err != nil {
				break
			}
		}
	}
	if err != nil || len(told.drafts) == 0 {
		return 0, err
	}
	return len(told.drafts), s.Store.AddNotices(ctx, told.drafts)
}

// correct drafts a correction to each payee who was, or may have been, told of a line that is not hers any more. What was
// not handed over yet is dropped. cause ends the name of the correction's own cause.
func (t *teller) correct(ctx context.Context, lines []Payment, programmes editions, cause string) error {
	byCause := map[string]Payment{}
	var causes []string
	for _, p := range lines {
		for _, about := range toldAs(p) {
			byCause[about] = p
			causes = append(causes, about)
		}
	}
	if len(causes) == 0 {
		return nil
	}
	told, err := t.service.Store.TakeBackNotices(ctx, causes)
	if err != nil {
		return err
	}
	seen := map[Key]bool{}
	for _, about := range told {
		p := byCause[about]
		if seen[p.Key] {
			continue
		}
		seen[p.Key] = true
		pr, _ := programmes.of(p)
		t.drafts = append(t.drafts, notice.Draft{
			Kind: notice.ArrivalWithdrawn, Cause: creditOf(p) + cause, PersonID: p.PersonID, Scope: p.PayingBank, Object: "payment",
			At: t.service.Clock.Now(), FactAt: p.ChangedAt, Params: map[string]string{"programme": pr.NeutralName(), "amount": p.AmountFen.Yuan()},
		})
	}
	return nil
}
