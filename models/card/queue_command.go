package card

import (
	"context"

	"onecard/models"
)

// TopicCommands is the wake-up that says: a command waits.
const TopicCommands = "commands"

// newCommand queues one loss or release. Asked for by a person, it is born with a lease that belongs to that request:
// a sweep finds it only when the request died, and then asks before it sends.
func (s *Service) newCommand(ctx context.Context, by models.Actor, c Card, r LossReport, kind CommandKind) (Command, error) {
	now, err := s.Store.Now(ctx)
	if err != nil {
		return Command{}, err
	}
	ref, err := s.Store.PersonRef(ctx, c.PersonID)
	if err != nil {
		return Command{}, err
	}
	seq, err := s.Store.TakeSeq(ctx, c.ID)
	if err != nil {
		return Command{}, err
	}
	due, err := s.quietFrom(ctx, c, kind, now)
	if err != nil {
		return Command{}, err
	}
	valid := s.set.LossValid
	if kind == CommandRelease {
		valid = s.set.ReleaseValid
	}
	cmd := Command{
		ID: models.NewID(), Kind: kind, PersonID: c.PersonID, PersonRef: ref, CardID: c.ID, CardRef: c.Ref, SubjectID: r.ID,
		CardSeq: seq, LossKind: r.Kind, Channel: by.Channel, State: CommandRequested, NotAfter: due.Add(valid),
		DueAt: due, CreatedAt: now,
	}
	if by.Kind != models.SystemActor && !due.After(now) { // the request itself tries first, in the same commit's lease
		cmd.State, cmd.Attempt, cmd.LeaseEnds = CommandSending, 1, now.Add(s.set.Lease)
	}
	if err := s.Store.AddCommand(ctx, cmd); err != nil {
		return Command{}, err
	}
	s.Store.Wake(ctx, TopicCommands)
	return cmd, nil
}

// firstAttempt tries once in a context of its own: a closed page does not cancel it.
func (s *Service) firstAttempt(ctx context.Context, cmd Command) error {
	if cmd.State != CommandSending { // it has no lease: its time has not come
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.set.FirstAttempt)
	defer cancel()
	return s.attempt(ctx, cmd, CommandNotSent)
}

// supersede ends a command in whose place a newer one stands. An attempt of it may go on until its lease ends, which is
// kept.
func (s *Service) supersede(ctx context.Context, c Command) error {
	now, err := s.Store.Now(ctx)
	if err != nil {
		return err
	}
	from := c.State
	next, err := CommandFlow.Next(from, CommandReplacedByNext)
	if err != nil {
		return models.ErrConflict.Because(err)
	}
	c.State, c.SettledAt = next, now
	return s.Store.SettleCommand(ctx, c, from)
}
