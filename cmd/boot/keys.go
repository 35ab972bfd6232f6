package boot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"onecard/configs"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
	"onecard/models/store"
)

// KeysUsage is what `onecard keys` says to whoever gets it wrong.
const KeysUsage = `usage:
  onecard keys rotate
  onecard keys status
rotate begins to seal every cell and picture under a new data key and to write every look-up under the newest keys.index;
onecard work carries it on. First give every process the new keys beside the old ones: keys.kek with keys.kek_previous,
and the next version of keys.index. status tells how far it has come, and when the old keys may go.`

// oldKeysStay is how long after a change of keys the old look-up key is still asked for: what a day counts, and codes on
// their way, stand under it.
const oldKeysStay = 25 * time.Hour

// KeysCommand carries out `onecard keys` in the database that cfg names.
func KeysCommand(ctx context.Context, cfg configs.Config, args []string, out io.Writer) (err error) {
	if len(args) != 1 || args[0] != "rotate" && args[0] != "status" {
		return fmt.Errorf("%w\n%s", ErrUsage, KeysUsage)
	}
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.db.CheckSchema(ctx); err != nil {
		return err
	}
	missing := a.db.CheckKeys(ctx)
	if args[0] == "rotate" {
		if missing != nil {
			return missing
		}
		if _, err := a.db.StartRotation(ctx, hotline.Operator()); err != nil {
			return err
		}
	}
	if err := a.sayRotation(ctx, out); err != nil {
		return err
	}
	return missing
}

func (a *App) sayRotation(ctx context.Context, out io.Writer) error {
	r, err := a.db.LastRotation(ctx)
	if err != nil {
		return err
	}
	const form = "2006-01-02 15:04:05"
	switch {
	case r.ID == 0:
		_, err = fmt.Fprintln(out, "keys were never changed")
	case r.FinishedAt == nil:
		_, err = fmt.Fprintf(out, "change %d of keys, begun %s: stage %s, round %d, table %s, %d rows seen in this round, %d changed in all\n",
			r.ID, r.StartedAt.In(models.Shanghai).Format(form), r.Stage, r.Round, r.AtTable, r.Seen, r.Changed)
	default:
		_, err = fmt.Fprintf(out, "change %d of keys, begun %s, finished %s: %d changed\nkeys.kek_previous and versions of keys.index below %d may go after %s\n",
			r.ID, r.StartedAt.In(models.Shanghai).Format(form), r.FinishedAt.In(models.Shanghai).Format(form), r.Changed, r.IndexKey,
			r.FinishedAt.Add(oldKeysStay).In(models.Shanghai).Format(form))
	}
	return err
}

// rotateKeys carries a change of keys one slice on and then rests as long as that took: citizens' decisions come first.
func (a *App) rotateKeys(ctx context.Context) (bool, error) {
	began := time.Now()
	r, err := a.db.LastRotation(ctx)
	if err != nil || r.ID == 0 || r.FinishedAt != nil {
		return false, err
	}
	more := true
	if r.Stage == store.StageObjects {
		err = a.resealPictures(ctx, r)
	} else {
		more, err = a.db.RotateSlice(ctx)
		if err == nil && !more { // the pictures come next
			r, err = a.db.LastRotation(ctx)
			more = r.Stage == store.StageObjects
		}
	}
	if err == nil && more {
		rest := time.NewTimer(time.Since(began))
		defer rest.Stop()
		select {
		case <-rest.C:
		case <-ctx.Done():
		}
	}
	return more && err == nil, err
}

// resealPictures seals the next pictures anew. One that is not what was stored is left as it is: no key opens it.
func (a *App) resealPictures(ctx context.Context, r store.Rotation) error {
	const page = 20
	ids, err := a.db.NextObjects(ctx, r.AfterKey, page)
	if err != nil {
		return err
	}
	changed := 0
	for _, id := range ids {
		did, err := a.pictures.Reseal(ctx, string(id), func(cell []byte) bool { return store.CellKey(cell) < r.DataKey })
		switch {
		case errors.Is(err, card.ErrObjectChanged):
			a.watch.PictureUnreadable()
			a.log.ErrorContext(ctx, "a picture does not open and was not sealed anew", "code", "PICTURE_UNREADABLE", "key", id, "error", err)
		case err != nil:
			return err
		case did:
			changed++
		}
	}
	next := models.ID("")
	if len(ids) == page {
		next = ids[page-1]
	}
	if err := a.db.EndObjects(ctx, r, next, len(ids), changed); err != nil && models.KindOf(err) != models.Conflict { // another process was faster
		return err
	}
	return nil
}
